public import Affect

/// The two values that a model gives.
public enum Dimension: String, CaseIterable, Sendable {
  case valence
  case arousal

  /// This value of a point, -1...1.
  public func value(of affect: Affect) -> Float {
    switch self {
    case .valence: affect.valence
    case .arousal: affect.arousal
    }
  }
}
