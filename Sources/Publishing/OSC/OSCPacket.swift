/// The unit in which OSC travels (OSC 1.0, "OSC packets"): "The contents of an OSC packet must be either an OSC Message
/// or an OSC Bundle." Over UDP a packet is a datagram. The elements of a bundle have the same form.
public enum OSCPacket: Sendable, Equatable {
  case message(OSCMessage)
  case bundle(OSCBundle)

  /// Bytes of a packet at most: the largest payload of UDP over IPv4.
  public static let maximumSize = 65_507
  /// Bundles within one another at most.
  public static let maximumDepth = 8
  /// Messages in a packet at most.
  public static let maximumMessageCount = 512

  /// Reads one packet that fills `bytes`. Whatever the bytes are, it returns or throws; its work grows with their
  /// number and not faster.
  ///
  /// It is as strict as the specification, with three exceptions. Strings may be UTF-8, of which the specification's
  /// ASCII is a part. A message without type tags is taken if nothing follows its address, since "some older
  /// implementations of OSC may omit the OSC Type Tag string" ("OSC type tag string"). And a bundle in a bundle may
  /// have an earlier time tag than the outer one.
  ///
  /// - Throws: ``OSCDecodingError`` with the byte at which the packet stops making sense. Arrays (`[`, `]`) and type
  ///   tags that ``OSCArgument`` does not list are errors, because what follows them cannot be found.
  public init(decoding bytes: some Collection<UInt8>) throws(OSCDecodingError) {
    guard bytes.count <= Self.maximumSize else {
      throw OSCDecodingError(
        .tooLong, at: Self.maximumSize, "the packet has \(bytes.count) bytes, more than the \(Self.maximumSize) of UDP")
    }
    var decoder = OSCDecoder(Array(bytes))
    self = try decoder.decode()
  }

  /// All messages, in the order of the packet.
  public var messages: [OSCMessage] {
    switch self {
    case .message(let message): [message]
    case .bundle(let bundle): bundle.messages
    }
  }

  public func encoded() -> [UInt8] {
    switch self {
    case .message(let message): message.encoded()
    case .bundle(let bundle): bundle.encoded()
    }
  }
}
