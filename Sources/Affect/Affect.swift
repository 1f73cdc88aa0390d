/// What music feels like, as a point in Russell's circumplex (Russell, "A circumplex model of affect", 1980).
///
/// Both values lie in -1...1 and are never NaN.
public struct Affect: Sendable, Equatable {
  /// Negative (-1) to positive (1).
  public let valence: Float
  /// Calm (-1) to excited (1).
  public let arousal: Float

  /// The range of both values.
  public static let range: ClosedRange<Float> = -1...1

  public static let neutral = Affect(valence: 0, arousal: 0)

  /// Makes a point; values outside ``range`` are clipped, NaN becomes 0.
  public init(valence: Float, arousal: Float) {
    self.valence = Self.clip(valence)
    self.arousal = Self.clip(arousal)
  }

  /// `value` from -1...1 mapped to 0...1, the range that Resolume and most lighting desks expect.
  public static func unit(_ value: Float) -> Float {
    (value + 1) / 2
  }

  private static func clip(_ value: Float) -> Float {
    value.isNaN ? 0 : min(max(value, range.lowerBound), range.upperBound)
  }
}
