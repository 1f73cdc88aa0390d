internal import Glibc

/// From the deviations that a model expects to the confidence that is published: the probability that both values lie
/// within ``tolerance`` of what listeners would say. Of a model that tells quadrants apart it is the probability that the
/// quadrant is right.
///
/// A model is wrong about its own deviations as about all else. The probability that they mean is therefore moved on its
/// logistic scale, by a slope and an offset that were found on songs that the model was not trained on (Platt,
/// "Probabilistic outputs for support vector machines", 1999).
public struct ConfidenceCalibration: Sendable, Equatable {
  public let slope: Float
  public let offset: Float

  /// Half the width of the range around a listener's value that counts as near.
  public static let tolerance: Float = 0.25
  /// Probabilities are kept away from 0 and 1, whose logits are infinite.
  public static let probabilities: ClosedRange<Double> = 1e-4...1 - 1e-4

  /// The probability that the model's deviations mean, as it is.
  public static let identity = ConfidenceCalibration(slope: 1, offset: 0)

  public init(slope: Float, offset: Float) {
    self.slope = slope
    self.offset = offset
  }

  /// The calibrated probability, 0...1.
  ///
  /// - Parameters: standard deviations, 0 or more.
  public func confidence(valenceDeviation: Float, arousalDeviation: Float) -> Float {
    let logit = Self.logit(valenceDeviation: valenceDeviation, arousalDeviation: arousalDeviation)
    return Float(1 / (1 + exp(-(Double(slope) * logit + Double(offset)))))
  }

  /// The calibrated probability of a quadrant, 0...1.
  ///
  /// - Parameter probability: that the model claims, clipped to ``probabilities``.
  public func confidence(probability: Double) -> Float {
    Float(1 / (1 + exp(-(Double(slope) * Self.logit(probability) + Double(offset)))))
  }

  /// `log(p / (1 - p))` of a probability, clipped to ``probabilities``.
  package static func logit(_ probability: Double) -> Double {
    let probability = min(max(probability, probabilities.lowerBound), probabilities.upperBound)
    return log(probability / (1 - probability))
  }

  /// The probability that two independent normal errors of these standard deviations both lie within ``tolerance``,
  /// clipped to ``probabilities``.
  public static func probability(valenceDeviation: Float, arousalDeviation: Float) -> Double {
    let probability = within(valenceDeviation) * within(arousalDeviation)
    return min(max(probability, probabilities.lowerBound), probabilities.upperBound)
  }

  /// `log(p / (1 - p))` of ``probability(valenceDeviation:arousalDeviation:)``.
  package static func logit(valenceDeviation: Float, arousalDeviation: Float) -> Double {
    logit(probability(valenceDeviation: valenceDeviation, arousalDeviation: arousalDeviation))
  }

  private static func within(_ deviation: Float) -> Double {
    guard deviation > 0 else { return deviation == 0 ? 1 : 0 }  // as the limit is; nothing is known of NaN
    return erf(Double(tolerance) / (Double(deviation) * 2.0.squareRoot()))
  }
}
