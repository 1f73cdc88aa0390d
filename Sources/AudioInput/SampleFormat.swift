/// How a sample is stored in raw PCM. Little-endian, integers signed.
public enum SampleFormat: String, Sendable, CaseIterable {
  /// 16 bits.
  case s16le
  /// 24 bits in three bytes.
  case s24le
  /// 24 bits in the lower three of four bytes (ALSA's S24_LE).
  case s24in32le
  /// 32 bits.
  case s32le
  /// Single precision, full scale ±1.
  case f32le

  public var bytesPerSample: Int {
    switch self {
    case .s16le: 2
    case .s24le: 3
    case .s24in32le, .s32le, .f32le: 4
    }
  }

  /// Converts the first `count` samples of `bytes` to full scale ±1.
  func decode(_ bytes: UnsafeRawBufferPointer, count: Int, into samples: inout [Float]) {
    precondition(count <= samples.count && count * bytesPerSample <= bytes.count)
    samples.withUnsafeMutableBufferPointer { samples in
      switch self {
      case .s16le:
        for index in 0..<count {
          let value = Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self))
          samples[index] = Float(value) * 0x1p-15
        }
      case .s24le:
        for index in 0..<count {
          let low = UInt32(bytes[3 * index]) << 8 | UInt32(bytes[3 * index + 1]) << 16
          samples[index] = Float(Int32(bitPattern: low | UInt32(bytes[3 * index + 2]) << 24)) * 0x1p-31
        }
      case .s24in32le:
        for index in 0..<count {
          let value = Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
          samples[index] = Float(value << 8) * 0x1p-31
        }
      case .s32le:
        for index in 0..<count {
          let value = Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
          samples[index] = Float(value) * 0x1p-31
        }
      case .f32le:
        for index in 0..<count {
          let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
          samples[index] = Float(bitPattern: bits)
        }
      }
    }
  }
}
