/// Reads a packet from front to back.
///
/// The packet and every element of it are a multiple of four bytes, and so is everything in them. Every position and
/// every end is therefore a multiple of four, and padding that begins before an end does not reach beyond it.
struct OSCDecoder {
  private let bytes: [UInt8]
  private var position = 0
  private var messageCount = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func decode() throws(OSCDecodingError) -> OSCPacket {
    try content(until: bytes.count, depth: 0)
  }

  /// The message or bundle from here to `end`, inside `depth` bundles (OSC 1.0, "OSC packets": the first byte tells
  /// which of the two it is).
  private mutating func content(until end: Int, depth: Int) throws(OSCDecodingError) -> OSCPacket {
    guard position < end else {
      throw OSCDecodingError(.truncated, at: position, "there is nothing where a message or a bundle should be")
    }
    guard (end - position).isMultiple(of: 4) else {
      throw OSCDecodingError(.misaligned, at: position, "the size \(end - position) is not a multiple of four")
    }
    switch bytes[position] {
    case UInt8(ascii: "/"): return .message(try message(until: end))
    case UInt8(ascii: "#"): return .bundle(try bundle(until: end, depth: depth))
    default:
      throw OSCDecodingError(.unknownContent, at: position, "neither an address, which begins with '/', nor '#bundle'")
    }
  }

  /// OSC 1.0, "OSC bundles": `#bundle`, a time tag, and elements until the end, each with its size before it.
  private mutating func bundle(until end: Int, depth: Int) throws(OSCDecodingError) -> OSCBundle {
    guard depth < OSCPacket.maximumDepth else {
      throw OSCDecodingError(.tooDeep, at: position, "more than \(OSCPacket.maximumDepth) bundles in one another")
    }
    let start = position
    guard bytes[try terminated(until: end)].elementsEqual(OSCBundle.identifier.utf8) else {
      throw OSCDecodingError(.unknownContent, at: start, "what begins with '#' is not '#bundle'")
    }
    let timeTag = OSCTimeTag(bits: try integer("a time tag", until: end))
    var elements: [OSCPacket] = []
    while position < end {
      let elementEnd = try sized("an element", until: end)
      elements.append(try content(until: elementEnd, depth: depth + 1))
    }
    return OSCBundle(timeTag: timeTag, elements: elements)
  }

  /// OSC 1.0, "OSC messages": an address pattern, a type tag string, and the arguments that it announces.
  private mutating func message(until end: Int) throws(OSCDecodingError) -> OSCMessage {
    messageCount += 1
    guard messageCount <= OSCPacket.maximumMessageCount else {
      throw OSCDecodingError(
        .tooManyMessages, at: position, "more than \(OSCPacket.maximumMessageCount) messages in a packet")
    }
    let address = try string(until: end)
    guard position < end else { return OSCMessage(address) }
    guard bytes[position] == UInt8(ascii: ",") else {
      throw OSCDecodingError(.missingTypeTags, at: position, "no ',' with type tags follows the address")
    }
    let tags = try terminated(until: end).dropFirst()
    var arguments: [OSCArgument] = []
    for tag in tags { arguments.append(try argument(tag: bytes[tag], at: tag, until: end)) }
    guard position == end else {
      throw OSCDecodingError(
        .trailingBytes, at: position, "\(end - position) bytes follow the last argument of a message")
    }
    return OSCMessage(address, arguments: arguments)
  }

  private mutating func argument(tag: UInt8, at offset: Int, until end: Int) throws(OSCDecodingError) -> OSCArgument {
    switch tag {
    case UInt8(ascii: "f"): return .float(Float(bitPattern: try integer("a float", until: end)))
    case UInt8(ascii: "i"): return .int(try integer("an int", until: end))
    case UInt8(ascii: "s"): return .string(try string(until: end))
    case UInt8(ascii: "b"): return .blob(try blob(until: end))
    case UInt8(ascii: "h"): return .int64(try integer("an int64", until: end))
    case UInt8(ascii: "d"): return .double(Double(bitPattern: try integer("a double", until: end)))
    case UInt8(ascii: "t"): return .timeTag(OSCTimeTag(bits: try integer("a time tag", until: end)))
    case UInt8(ascii: "S"): return .symbol(try string(until: end))
    case UInt8(ascii: "c"): return .character(try character(until: end))
    case UInt8(ascii: "T"): return .bool(true)
    case UInt8(ascii: "F"): return .bool(false)
    case UInt8(ascii: "N"): return .null
    case UInt8(ascii: "I"): return .impulse
    case UInt8(ascii: "["), UInt8(ascii: "]"):
      throw OSCDecodingError(.unsupportedTypeTag, at: offset, "arrays ('[' and ']') are not supported")
    default:
      let name = (0x21...0x7E).contains(tag) ? "'\(Unicode.Scalar(tag))'" : "with the code \(tag)"
      throw OSCDecodingError(.unsupportedTypeTag, at: offset, "the type tag \(name) is not known")
    }
  }

  /// The number here, and the position after it.
  private mutating func integer<Integer: FixedWidthInteger>(
    _ name: String, until end: Int
  ) throws(OSCDecodingError) -> Integer {
    let size = Integer.bitWidth / 8
    guard end - position >= size else {
      throw OSCDecodingError(
        .truncated, at: position, "\(name) takes \(size) bytes, but only \(end - position) are left")
    }
    defer { position += size }
    return bytes[position..<position + size].reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
  }

  private mutating func character(until end: Int) throws(OSCDecodingError) -> Unicode.Scalar {
    let start = position
    let value: UInt32 = try integer("a character", until: end)
    guard let character = Unicode.Scalar(value) else {
      throw OSCDecodingError(.invalidCharacter, at: start, "the character \(value) does not exist in Unicode")
    }
    return character
  }

  /// The end of something that has its size before it.
  private mutating func sized(_ name: String, until end: Int) throws(OSCDecodingError) -> Int {
    let start = position
    let size = Int(try integer("the size of \(name)", until: end) as Int32)
    guard size >= 0 else {
      throw OSCDecodingError(.negativeSize, at: start, "\(name) has the size \(size)")
    }
    guard size <= end - position else {
      throw OSCDecodingError(
        .truncated, at: start, "\(name) has the size \(size), but only \(end - position) bytes are left")
    }
    return position + size
  }

  private mutating func blob(until end: Int) throws(OSCDecodingError) -> [UInt8] {
    let blobEnd = try sized("a blob", until: end)
    let blob = Array(bytes[position..<blobEnd])
    position = blobEnd
    try skipPadding()
    return blob
  }

  private mutating func string(until end: Int) throws(OSCDecodingError) -> String {
    let start = position
    guard let text = String(validating: bytes[try terminated(until: end)], as: UTF8.self) else {
      throw OSCDecodingError(.invalidText, at: start, "a string is not UTF-8")
    }
    return text
  }

  /// The bytes of a string, without the zeros behind it (OSC 1.0, "Atomic data types", OSC-string).
  private mutating func terminated(until end: Int) throws(OSCDecodingError) -> Range<Int> {
    let start = position
    guard let zero = bytes[start..<end].firstIndex(of: 0) else {
      throw OSCDecodingError(.truncated, at: start, "a string has no zero at its end")
    }
    position = zero + 1
    try skipPadding()
    return start..<zero
  }

  /// Goes on to the next multiple of four, over zeros.
  private mutating func skipPadding() throws(OSCDecodingError) {
    while !position.isMultiple(of: 4) {
      guard bytes[position] == 0 else {
        throw OSCDecodingError(.invalidPadding, at: position, "padding must be zero, but is \(bytes[position])")
      }
      position += 1
    }
  }
}

/// Why bytes are not a packet of OSC, and where. The description holds nothing of the packet but numbers and printable
/// ASCII, so that it may be logged.
public struct OSCDecodingError: Error, CustomStringConvertible, Sendable, Equatable {
  public enum Code: Sendable, CaseIterable {
    /// The packet is larger than ``OSCPacket/maximumSize``.
    case tooLong
    /// The size of the packet or of an element of a bundle is not a multiple of four.
    case misaligned
    /// Something is missing, or does not end where its packet or element does.
    case truncated
    /// The size of a blob or of an element is negative.
    case negativeSize
    /// Neither a message, which begins with a slash, nor a bundle, which begins with `#bundle`.
    case unknownContent
    /// Something else follows the address than a comma with type tags.
    case missingTypeTags
    /// A type tag is not known or not supported.
    case unsupportedTypeTag
    /// A string is not UTF-8.
    case invalidText
    /// A character (`c`) is not a Unicode scalar.
    case invalidCharacter
    /// The bytes that fill up a string or a blob are not zero.
    case invalidPadding
    /// Bytes follow the last argument of a message.
    case trailingBytes
    /// Bundles are nested deeper than ``OSCPacket/maximumDepth``.
    case tooDeep
    /// There are more messages than ``OSCPacket/maximumMessageCount``.
    case tooManyMessages
  }

  public let code: Code
  /// The byte of the packet, counted from 0, at which the offending thing stands or begins.
  public let offset: Int
  public let description: String

  init(_ code: Code, at offset: Int, _ problem: String) {
    self.code = code
    self.offset = offset
    description = "OSC packet, byte \(offset): \(problem)"
  }
}
