internal import Glibc

/// The colours of a mood: some points of the plane of valence and arousal have one, and between them it is mixed.
///
/// The nearer a point the more it counts, by the inverse of the squared distance (Shepard, "A two-dimensional
/// interpolation function for irregularly-spaced data", 1968). The mixture is that of Oklab (Ottosson, "A perceptual color
/// space for image processing", 2020), in which the middle between two colours looks like one.
public struct MoodPalette: Sendable, Equatable {
  public let points: [Point]
  /// The points' colours in Oklab.
  private let mixed: [Oklab]

  public struct Point: Sendable, Equatable {
    public let affect: Affect
    public let color: MoodColor

    public init(_ affect: Affect, _ color: MoodColor) {
      self.affect = affect
      self.color = color
    }
  }

  /// How many points there may be.
  public static let pointCounts = 1...32

  /// Four colours that people with any kind of colour vision tell apart (Okabe and Ito, "Color universal design", 2008),
  /// at the corners: yellow for what is happy and excited, vermilion for what is tense, blue for what is sad, bluish green
  /// for what is calm.
  public static let standard = MoodPalette([
    Point(Affect(valence: 1, arousal: 1), MoodColor(red: 240 / 255, green: 228 / 255, blue: 66 / 255)),
    Point(Affect(valence: -1, arousal: 1), MoodColor(red: 213 / 255, green: 94 / 255, blue: 0)),
    Point(Affect(valence: -1, arousal: -1), MoodColor(red: 0, green: 114 / 255, blue: 178 / 255)),
    Point(Affect(valence: 1, arousal: -1), MoodColor(red: 0, green: 158 / 255, blue: 115 / 255)),
  ])

  /// - Precondition: as many as ``pointCounts`` says, no two at the same place.
  public init(_ points: [Point]) {
    precondition(Self.pointCounts.contains(points.count))
    self.points = points
    mixed = points.map { Oklab($0.color) }
  }

  /// The colour of a mood.
  public func color(of affect: Affect) -> MoodColor {
    var (sum, weights) = (Oklab(lightness: 0, a: 0, b: 0), 0.0)
    for (point, color) in zip(points, mixed) {
      let (x, y) = (Double(point.affect.valence - affect.valence), Double(point.affect.arousal - affect.arousal))
      let distance = x * x + y * y
      // As good as at the point itself; its colour comes out to the last digit.
      guard distance > 1e-9 else { return point.color }
      sum.lightness += color.lightness / distance
      sum.a += color.a / distance
      sum.b += color.b / distance
      weights += 1 / distance
    }
    return Oklab(lightness: sum.lightness / weights, a: sum.a / weights, b: sum.b / weights).color
  }
}

/// A colour in Ottosson's Oklab.
private struct Oklab: Sendable, Equatable {
  var lightness: Double
  var a: Double
  var b: Double

  init(lightness: Double, a: Double, b: Double) {
    (self.lightness, self.a, self.b) = (lightness, a, b)
  }

  init(_ color: MoodColor) {
    let (r, g, b) = (Self.linear(color.red), Self.linear(color.green), Self.linear(color.blue))
    let l = cbrt(0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b)
    let m = cbrt(0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b)
    let s = cbrt(0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b)
    lightness = 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s
    a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s
    self.b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s
  }

  var color: MoodColor {
    func cube(_ x: Double) -> Double { x * x * x }
    let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b)
    let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b)
    let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b)
    return MoodColor(
      red: Self.coded(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
      green: Self.coded(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
      blue: Self.coded(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s))
  }

  /// From sRGB's values to light, and back.
  private static func linear(_ value: Float) -> Double {
    let value = Double(value)
    return value <= 0.040_45 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }

  private static func coded(_ light: Double) -> Float {
    Float(light <= 0.003_130_8 ? max(0, light) * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055)
  }
}
