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

/// An OSC message: an address such as `/affect/valence`, and its arguments (OSC 1.0, "OSC messages").
public struct OSCMessage: Sendable, Equatable {
  /// Begins with a slash. In a message that was received it may be a pattern; see ``OSCAddressPattern``.
  public let address: String
  public let arguments: [OSCArgument]

  public init(_ address: String, _ arguments: OSCArgument...) {
    self.init(address, arguments: arguments)
  }

  public init(_ address: String, arguments: [OSCArgument]) {
    self.address = address
    self.arguments = arguments
  }

  /// The message as a packet of its own, without a bundle around it.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes
  }

  /// Appends the message as OSC 1.0 has it on the wire: address, type tags, arguments, each a multiple of four bytes.
  func encode(into bytes: inout [UInt8]) {
    bytes.append(oscString: address.utf8)
    bytes.append(oscString: [UInt8(ascii: ",")] + arguments.map(\.typeTag))
    for argument in arguments { argument.encode(into: &bytes) }
  }
}

/// Messages that belong together (OSC 1.0, "OSC bundles"): a receiver takes them all at the same instant. A bundle may
/// hold bundles with a later time.
public struct OSCBundle: Sendable, Equatable {
  public let timeTag: OSCTimeTag
  /// Messages and bundles, in the order of the packet.
  public let elements: [OSCPacket]

  public init(timeTag: OSCTimeTag = .immediately, _ messages: [OSCMessage]) {
    self.init(timeTag: timeTag, elements: messages.map(OSCPacket.message))
  }

  public init(timeTag: OSCTimeTag = .immediately, elements: [OSCPacket]) {
    self.timeTag = timeTag
    self.elements = elements
  }

  /// The messages of the bundle and of the bundles in it, in the order of the packet.
  public var messages: [OSCMessage] { elements.flatMap(\.messages) }

  /// The bundle as one packet: `#bundle`, the time tag, then the size and content of each element.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.append(oscString: Self.identifier.utf8)
    bytes.append(bigEndian: timeTag.bits)
    for element in elements {
      let content = element.encoded()
      bytes.append(bigEndian: UInt32(content.count))
      bytes += content
    }
  }

  /// What a bundle begins with.
  static let identifier = "#bundle"
}

/// When a bundle is to take effect (OSC 1.0, "Temporal semantics and OSC time tags"): seconds since 1900 as a 64-bit
/// fixed-point number, 32 bits before the point, as in NTP timestamps.
public struct OSCTimeTag: Sendable, Equatable {
  public let bits: UInt64

  /// 63 zeros and a one: at once.
  public static let immediately = OSCTimeTag(bits: 1)

  public init(bits: UInt64) {
    self.bits = bits
  }

  /// The times that a tag can name, in seconds since 1970: from 1968-01-20 03:14:08 to before 2104-02-26 09:42:24 UTC.
  ///
  /// 32 bits of seconds run over on 2036-02-07 at 06:28:16 UTC, and the specification does not say what comes then. As
  /// RFC 4330, section 3 has it for NTP, seconds with the highest bit set count from 1900, the others from 2036.
  public static let unixTimes: Range<Double> = Double(1 << 31 - unixEpoch)..<Double(3 << 31 - unixEpoch)

  /// From 1900 to 1970, in seconds (RFC 868).
  private static let unixEpoch = 2_208_988_800

  /// The tag of a time in seconds since 1970, UTC without leap seconds; to the 2^-32 s before it. Times outside
  /// ``unixTimes`` become the nearest in it; NaN becomes ``immediately``.
  public init(unixTime: Double) {
    guard !unixTime.isNaN else {
      self = .immediately
      return
    }
    let time = min(max(unixTime, Self.unixTimes.lowerBound), Self.unixTimes.upperBound.nextDown)
    // Split before the epochs are added, so that no bit of the fraction is lost.
    let whole = time.rounded(.down)
    let seconds = UInt64(Int(whole) + Self.unixEpoch)
    // Just before a whole second the difference is rounded to 1; the sum carries it over.
    bits = (seconds << 32) &+ UInt64((time - whole) * 0x1p32)
  }

  /// Seconds since 1970, in ``unixTimes``; nil for ``immediately``.
  public var unixTime: Double? {
    guard self != .immediately else { return nil }
    let seconds = Int(bits >> 32)
    let era = seconds < 1 << 31 ? 1 << 32 : 0
    return Double(seconds + era - Self.unixEpoch) + Double(UInt32(truncatingIfNeeded: bits)) * 0x1p-32
  }
}
