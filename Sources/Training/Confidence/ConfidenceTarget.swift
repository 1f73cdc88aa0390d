public import Affect
internal import EmotionModel

/// What the confidence of an estimate is the probability of.
public enum ConfidenceTarget {
  /// How far a value may lie from what listeners say, on the scale -1...1.
  public static var tolerance: Float { ConfidenceCalibration.tolerance }

  /// Whether both values of the prediction lie within ``tolerance`` of the label.
  public static func isMet(by prediction: Affect, label: Affect) -> Bool {
    Dimension.allCases.allSatisfy { abs($0.value(of: prediction) - $0.value(of: label)) <= tolerance }
  }
}
