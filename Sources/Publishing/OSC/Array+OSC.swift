/// The atomic data types of OSC on the wire (OSC 1.0, "Atomic data types").
extension [UInt8] {
  mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
    for shift in stride(from: Integer.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

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
