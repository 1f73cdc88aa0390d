/// A colour, as lamps and screens take it.
public struct MoodColor: Sendable, Equatable {
  /// sRGB (IEC 61966-2-1), with its gamma, 0...1.
  public let red: Float
  public let green: Float
  public let blue: Float

  /// Values outside 0...1 are clipped.
  public init(red: Float, green: Float, blue: Float) {
    func clip(_ value: Float) -> Float { value.isNaN ? 0 : min(max(value, 0), 1) }
    self.red = clip(red)
    self.green = clip(green)
    self.blue = clip(blue)
  }

  /// `#rrggbb`, as HTML has it; nil if it is not that.
  public init?(_ text: String) {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6, let number = UInt32(text.dropFirst(), radix: 16),
      digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
    else { return nil }
    func part(_ shift: UInt32) -> Float { Float(number >> shift & 0xFF) / 255 }
    self.init(red: part(16), green: part(8), blue: part(0))
  }

  /// `#rrggbb`.
  public var text: String {
    let parts = [red, green, blue].map { value in
      let digits = String(Int((value * 255).rounded()), radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    return "#" + parts.joined()
  }

  /// Of the HSV hexcone (Smith, "Color gamut transform pairs", SIGGRAPH 1978), 0..<1 from red over green and blue; 0 for
  /// a grey.
  public var hue: Float {
    let largest = max(red, green, blue)
    let range = largest - min(red, green, blue)
    guard range > 0 else { return 0 }
    let sextant =
      if largest == red {
        (green - blue) / range
      } else if largest == green {
        (blue - red) / range + 2
      } else {
        (red - green) / range + 4
      }
    let hue = sextant / 6
    return hue < 0 ? hue + 1 : hue
  }

  /// Of the same, 0...1.
  public var saturation: Float {
    let largest = max(red, green, blue)
    return largest > 0 ? (largest - min(red, green, blue)) / largest : 0
  }
}
