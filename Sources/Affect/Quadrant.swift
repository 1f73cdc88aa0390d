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
}
