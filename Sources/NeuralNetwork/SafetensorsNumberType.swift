/// The number types of a `safetensors` file that can be read as single precision.
enum SafetensorsNumberType: String, CaseIterable {
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"
  case int32 = "I32"
  case int64 = "I64"

  /// The little-endian numbers in `bytes`, rounded to single precision.
  func decode(_ bytes: [UInt8]) -> [Float] {
    switch self {
    case .float16: Self.numbers(bytes) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
    case .bfloat16: Self.numbers(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .float32: Self.numbers(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
    case .float64: Self.numbers(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .int32: Self.numbers(bytes) { (bits: UInt32) in Float(Int32(bitPattern: bits)) }
    case .int64: Self.numbers(bytes) { (bits: UInt64) in Float(Int64(bitPattern: bits)) }
    }
  }

  private static func numbers<Bits: FixedWidthInteger>(_ bytes: [UInt8], _ convert: (Bits) -> Float) -> [Float] {
    bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / MemoryLayout<Bits>.size).map { index in
        convert(
          Bits(littleEndian: buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)))
      }
    }
  }
}
