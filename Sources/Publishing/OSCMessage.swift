/// An argument of a message. Each has a type tag and a form on the wire (OSC 1.0, "OSC type tag string", "Atomic data
/// types").
public enum OSCArgument: Sendable, Equatable {
  /// `f`: 32-bit big-endian IEEE 754.
  case float(Float)
  /// `i`: 32-bit big-endian two's complement.
  case int(Int32)
  /// `s`: bytes, then one to four zeros up to a multiple of four. It must not contain a zero.
  case string(String)

  var typeTag: UInt8 {
    switch self {
    case .float: UInt8(ascii: "f")
    case .int: UInt8(ascii: "i")
    case .string: UInt8(ascii: "s")
    }
  }
}

/// An OSC message: an address such as `/affect/valence`, and its arguments.
public struct OSCMessage: Sendable, Equatable {
  public let address: String
  public let arguments: [OSCArgument]

  public init(_ address: String, _ arguments: OSCArgument...) {
    self.address = address
    self.arguments = arguments
  }

  /// Appends the message as OSC 1.0 has it on the wire: address, type tags, arguments, each a multiple of four bytes.
  func encode(into bytes: inout [UInt8]) {
    bytes.append(oscString: address.utf8)
    bytes.append(oscString: [UInt8(ascii: ",")] + arguments.map(\.typeTag))
    for argument in arguments {
      switch argument {
      case .float(let value): bytes.append(bigEndian: value.bitPattern)
      case .int(let value): bytes.append(bigEndian: UInt32(bitPattern: value))
      case .string(let value): bytes.append(oscString: value.utf8)
      }
    }
  }
}

/// Messages that belong together (OSC 1.0, "OSC bundles"): a receiver takes them all at the same instant.
public struct OSCBundle: Sendable, Equatable {
  public let timeTag: OSCTimeTag
  public let messages: [OSCMessage]

  public init(timeTag: OSCTimeTag = .immediately, _ messages: [OSCMessage]) {
    self.timeTag = timeTag
    self.messages = messages
  }

  /// The bundle as one packet: `#bundle`, the time tag, then the length and content of each message.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(oscString: "#bundle".utf8)
    bytes.append(bigEndian: UInt32(timeTag.bits >> 32))
    bytes.append(bigEndian: UInt32(truncatingIfNeeded: timeTag.bits))
    for message in messages {
      var element: [UInt8] = []
      message.encode(into: &element)
      bytes.append(bigEndian: UInt32(element.count))
      bytes += element
    }
    return bytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: UInt32) {
    for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
  }

  /// Appends an OSC string: its bytes, and one to four zeros up to a multiple of four.
  fileprivate mutating func append(oscString text: some Collection<UInt8>) {
    append(contentsOf: text)
    append(contentsOf: repeatElement(0, count: 4 - text.count % 4))
  }
}
