internal import Platform

/// The chunks of a wav file (RIFF: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0",
/// 1991): a chunk is a four-letter name, a 32-bit little-endian length, and the data, padded to an even length.
struct WaveFile {
  /// Bytes of the file.
  private let size: Int
  /// Where the length of the data chunk stands; the data follow.
  private let lengthOffset: Int
  private let declaredLength: Int
  /// `wFormatTag`; nil if there is no format before the data.
  private let formatTag: Int?

  /// Nil if the file is no RIFF, or has no data.
  init?(_ file: InputFile) {
    guard file.bytes(at: 0, count: 4).elementsEqual("RIFF".utf8) else { return nil }
    size = file.size
    var position = 12
    var tag: Int?
    while position + 8 <= file.size {
      let header = file.bytes(at: position, count: 10)
      guard header.count >= 8 else { return nil }
      let length = header[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      if header.prefix(4).elementsEqual("fmt ".utf8), header.count == 10 { tag = Int(header[8]) | Int(header[9]) << 8 }
      if header.prefix(4).elementsEqual("data".utf8) {
        (lengthOffset, declaredLength, formatTag) = (position + 4, length, tag)
        return
      }
      position += 8 + length + length % 2
    }
    return nil
  }

  private var start: Int { lengthOffset + 4 }

  /// A length that a program writes when it does not know it yet: 0, or 2 GiB - 1 and more, as into a pipe.
  private var isUnknown: Bool { declaredLength == 0 || declaredLength >= Int(Int32.max) }

  /// Bytes that the `data` chunk promises beyond the file's end; 0 if nothing is missing.
  var missingByteCount: Int { isUnknown ? 0 : max(0, start + declaredLength - size) }

  /// Where MPEG audio lies (format tag 0x55, RFC 2361); nil if it is something else.
  var mpegRange: Range<Int>? {
    guard formatTag == 0x55, start < size else { return nil }
    return start..<(isUnknown ? size : min(size, start + declaredLength))
  }

  /// The length that should stand at ``lengthOffset``, if 0 does and data follow all the same.
  func lengthCorrection(_ file: InputFile) -> (offset: Int, bytes: [UInt8])? {
    guard declaredLength == 0, size > start else { return nil }
    // Another chunk may follow data that are really empty.
    let next = file.bytes(at: start, count: 8)
    let isName = next.prefix(4).allSatisfy { (0x20...0x7E).contains($0) }
    if next.count == 8, isName {
      let length = next[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard start + 8 + length > size else { return nil }
    }
    let length = UInt32(clamping: size - start)
    return (lengthOffset, (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
  }
}
