public import Affect

/// What an emotion model says of a moment of music.
public struct EmotionPrediction: Sendable, Equatable {
  public var affect: Affect
  /// How far off the model expects to be: standard deviations in the units of ``affect``; nil for a model that does not
  /// know.
  public var valenceDeviation: Float?
  public var arousalDeviation: Float?
  /// Probability that both values lie near what listeners would say, 0...1, see ``ConfidenceCalibration``; nil for a
  /// model that does not know.
  public var confidence: Float?

  public init(
    affect: Affect, valenceDeviation: Float? = nil, arousalDeviation: Float? = nil, confidence: Float? = nil
  ) {
    self.affect = affect
    self.valenceDeviation = valenceDeviation
    self.arousalDeviation = arousalDeviation
    self.confidence = confidence
  }
}
