/// An argument of a message. Each has a type tag and a form on the wire (OSC 1.0, "OSC type tag string" and "Atomic
/// data types"). The first four are in every OSC; the rest are of the specification's table of nonstandard types, which
/// a receiver need not know.
public enum OSCArgument: Sendable, Equatable {
  /// `f`: 32-bit big-endian IEEE 754.
  case float(Float)
  /// `i`: 32-bit big-endian two's complement.
  case int(Int32)
  /// `s`: bytes, then one to four zeros up to a multiple of four. A zero inside the string ends it on the wire.
  case string(String)
  /// `b`: a 32-bit count, that many bytes, then zeros up to a multiple of four.
  case blob([UInt8])
  /// `h`: 64-bit big-endian two's complement.
  case int64(Int64)
  /// `d`: 64-bit big-endian IEEE 754.
  case double(Double)
  /// `t`: 64-bit big-endian fixed point.
  case timeTag(OSCTimeTag)
  /// `S`: as a string; for systems that tell symbols from strings.
  case symbol(String)
  /// `c`: a character in 32 bits.
  case character(Unicode.Scalar)
  /// `T` or `F`, and no bytes.
  case bool(Bool)
  /// `N`, and no bytes; also called nil.
  case null
  /// `I`, and no bytes: something happens. Called infinitum in the specification, impulse since OSC 1.1.
  case impulse

  /// The number that it is, of whatever kind: many programs send floats only. Nil if it is none.
  var number: Double? {
    switch self {
    case .float(let value): Double(value)
    case .int(let value): Double(value)
    case .int64(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  var typeTag: UInt8 {
    switch self {
    case .float: UInt8(ascii: "f")
    case .int: UInt8(ascii: "i")
    case .string: UInt8(ascii: "s")
    case .blob: UInt8(ascii: "b")
    case .int64: UInt8(ascii: "h")
    case .double: UInt8(ascii: "d")
    case .timeTag: UInt8(ascii: "t")
    case .symbol: UInt8(ascii: "S")
    case .character: UInt8(ascii: "c")
    case .bool(true): UInt8(ascii: "T")
    case .bool(false): UInt8(ascii: "F")
    case .null: UInt8(ascii: "N")
    case .impulse: UInt8(ascii: "I")
    }
  }

  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .float(let value): bytes.append(bigEndian: value.bitPattern)
    case .int(let value): bytes.append(bigEndian: value)
    case .string(let value), .symbol(let value): bytes.append(oscString: value.utf8)
    case .blob(let value): bytes.append(oscBlob: value)
    case .int64(let value): bytes.append(bigEndian: value)
    case .double(let value): bytes.append(bigEndian: value.bitPattern)
    case .timeTag(let value): bytes.append(bigEndian: value.bits)
    case .character(let value): bytes.append(bigEndian: value.value)
    case .bool, .null, .impulse: break
    }
  }
}

/// The atomic data types of OSC on the wire (OSC 1.0, "Atomic data types").
extension [UInt8] {
  /// Appends an OSC string: its bytes up to the first zero, and one to four zeros up to a multiple of four.
  mutating func append(oscString text: some Collection<UInt8>) {
    append(contentsOf: text.prefix { $0 != 0 })
    repeat { append(0) } while !count.isMultiple(of: 4)
  }

  /// Appends an OSC blob: its size, its bytes, and zeros up to a multiple of four.
  mutating func append(oscBlob blob: [UInt8]) {
    append(bigEndian: UInt32(blob.count))
    append(contentsOf: blob)
    while !count.isMultiple(of: 4) { append(0) }
  }
}
