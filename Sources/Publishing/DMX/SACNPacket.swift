/// A data packet of sACN (ANSI E1.31-2018, section 4.1, table 4-1): a universe of 512 levels, 638 bytes.
package struct SACNPacket {
  /// Of the source, the same for its whole life (section 5.6).
  package let component: ComponentIdentifier
  /// For people; at most 63 bytes are told.
  let sourceName: String
  let priority: UInt8
  let universe: UInt16

  package init(component: ComponentIdentifier, sourceName: String, priority: UInt8, universe: UInt16) {
    self.component = component
    self.sourceName = sourceName
    self.priority = priority
    self.universe = universe
  }

  /// - Parameters:
  ///   - sequence: one more with each packet of the universe, and 0 after 255 (section 6.7.2).
  ///   - isLast: whether the source sends no more, which saves its receivers from waiting (section 6.2.6).
  package func encoded(_ frame: [UInt8], sequence: UInt8, isLast: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.size)
    // Root layer (section 5): preamble and postamble sizes, identifier.
    bytes.append(bigEndian: UInt16(0x10))
    bytes.append(bigEndian: UInt16(0))
    bytes += Array("ASC-E1.17".utf8) + [0, 0, 0]
    bytes.append(bigEndian: Self.flagsAndLength(from: bytes.count))
    bytes.append(bigEndian: UInt32(4))  // VECTOR_ROOT_E131_DATA
    bytes += component.bytes
    // Framing layer (section 6).
    bytes.append(bigEndian: Self.flagsAndLength(from: bytes.count))
    bytes.append(bigEndian: UInt32(2))  // VECTOR_E131_DATA_PACKET
    bytes += Self.fixed(sourceName, count: 64)
    bytes.append(priority)
    bytes.append(bigEndian: UInt16(0))  // no synchronization
    bytes.append(sequence)
    bytes.append(isLast ? 0x40 : 0)
    bytes.append(bigEndian: universe)
    // Layer of the device management protocol (section 7).
    bytes.append(bigEndian: Self.flagsAndLength(from: bytes.count))
    bytes += [2, 0xA1]  // VECTOR_DMP_SET_PROPERTY; addresses and data
    bytes.append(bigEndian: UInt16(0))  // first address
    bytes.append(bigEndian: UInt16(1))  // increment
    bytes.append(bigEndian: UInt16(frame.count + 1))
    bytes.append(0)  // start code of levels
    return bytes + frame
  }

  private static let size = 638

  /// The upper four bits are 7; the length goes from here to the end of the packet (section 5.4).
  private static func flagsAndLength(from position: Int) -> UInt16 { 0x7000 | UInt16(size - position) }

  /// `text` in `count` bytes, of which at least the last is 0; no character is cut.
  static func fixed(_ text: String, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for character in text.unicodeScalars where character != "\0" {
      let encoded = Array(String(character).utf8)
      guard bytes.count + encoded.count < count else { break }
      bytes += encoded
    }
    return bytes + [UInt8](repeating: 0, count: count - bytes.count)
  }
}

/// The CID of an sACN source: a UUID (E1.31-2018, section 5.6).
public struct ComponentIdentifier: Sendable, Equatable {
  /// Sixteen.
  let bytes: [UInt8]

  /// A random one (RFC 9562, section 5.4).
  public static func random() -> ComponentIdentifier {
    ComponentIdentifier((0..<16).map { _ in UInt8.random(in: .min ... .max) })
  }

  /// Of 16 bytes, whatever they are.
  package init(_ bytes: [UInt8]) {
    precondition(bytes.count == 16)
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    self.bytes = bytes
  }

  /// Of 32 hexadecimal digits; nil if it is something else.
  public init?(_ text: String) {
    let digits = text.compactMap { $0.isASCII ? $0.hexDigitValue.map { UInt8($0) } : nil }
    guard digits.count == 32, text.utf8.count == 32 else { return nil }
    self.init(stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }
}
