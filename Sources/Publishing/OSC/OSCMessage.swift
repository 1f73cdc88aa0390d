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
