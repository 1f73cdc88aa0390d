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

extension Affect {
  /// The point that lies `share`, 0...1, of the way from here to `other`.
  public func mixed(with other: Affect, share: Float) -> Affect {
    Affect(
      valence: valence + (other.valence - valence) * share,
      arousal: arousal + (other.arousal - arousal) * share)
  }
}

/// How fast the values move: change per second of audio.
public struct AffectTrend: Sendable, Equatable {
  public let valence: Float
  public let arousal: Float

  public static let steady = AffectTrend(valence: 0, arousal: 0)

  public init(valence: Float, arousal: Float) {
    self.valence = valence
    self.arousal = arousal
  }
}

/// A quadrant of Russell's circumplex, counted from the positive and excited one against the clock (Russell, "A
/// circumplex model of affect", 1980).
public enum Quadrant: Int, Sendable {
  /// Positive and excited: happy, delighted.
  case one = 1
  /// Negative and excited: tense, angry.
  case two = 2
  /// Negative and calm: sad, bored.
  case three = 3
  /// Positive and calm: content, relaxed.
  case four = 4

  public init(isPositive: Bool, isExcited: Bool) {
    self =
      switch (isPositive, isExcited) {
      case (true, true): .one
      case (false, true): .two
      case (false, false): .three
      case (true, false): .four
      }
  }

  /// The quadrant of a point. One on an axis counts as positive or excited.
  public init(of affect: Affect) {
    self.init(isPositive: affect.valence >= 0, isExcited: affect.arousal >= 0)
  }

  /// The signs of valence and arousal, each 1 or -1.
  public var signs: Affect {
    Affect(valence: self == .one || self == .four ? 1 : -1, arousal: self == .one || self == .two ? 1 : -1)
  }
}
