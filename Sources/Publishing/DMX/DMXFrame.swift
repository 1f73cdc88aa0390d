internal import Affect

extension DMXDestination {
  /// The 512 levels of the universe.
  func frame(_ values: UnitValues, _ palette: MoodPalette) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: Self.channelNumbers.count)
    let color = values.color(palette)
    for (number, channel) in channels {
      frame[number - 1] =
        switch channel {
        case .value(let value): UInt8(Self.word(values.unit(value, color)) >> 8)
        case .fine(let value): UInt8(Self.word(values.unit(value, color)) & 0xFF)
        case .fixed(let level): level
        }
    }
    return frame
  }

  /// 0...1 in 16 bits. Its upper byte divides the range into 256 equal parts.
  private static func word(_ value: Float) -> UInt16 { UInt16((Double(value) * 65_535).rounded()) }
}
