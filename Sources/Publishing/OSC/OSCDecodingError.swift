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
