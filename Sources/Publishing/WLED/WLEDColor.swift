internal import Affect

extension WLEDDestination {
  /// Red, green, blue and the brightness, 0...255 each; 255 where the lamp has its own.
  func color(_ values: UnitValues, _ palette: MoodPalette) -> (red: UInt8, green: UInt8, blue: UInt8, brightness: UInt8)
  {
    func byte(_ value: Float) -> UInt8 { UInt8((value * 255).rounded()) }
    let color = values.color(palette)
    let brightness =
      switch brightness {
      case nil: UInt8.max
      case .fixed(let level): level
      case .value(let value): byte(values.unit(value, color))
      }
    return (byte(color.red), byte(color.green), byte(color.blue), brightness)
  }
}
