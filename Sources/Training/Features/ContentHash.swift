internal import Platform

/// A 64-bit fingerprint of a file's bytes (FNV-1a, Fowler, Noll, Vo), to tell files apart. It is no protection against
/// somebody who makes two files with the same one.
struct ContentHash: Sendable, CustomStringConvertible {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// - Returns: nil if the file cannot be read.
  init?(ofFile path: String) {
    guard let file = try? InputFile(path) else { return nil }
    var position = 0
    while position < file.size {
      let bytes = file.bytes(at: position, count: min(1 << 20, file.size - position))
      guard !bytes.isEmpty else { return nil }
      for byte in bytes { add(byte) }
      position += bytes.count
    }
    // Two files of zeros, of different lengths, differ already by the multiplications.
  }

  init(of text: String) {
    for byte in text.utf8 { add(byte) }
  }

  private mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  /// 16 hexadecimal digits.
  var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
