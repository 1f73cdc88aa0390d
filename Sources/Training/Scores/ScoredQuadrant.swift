public import Affect
public import EmotionModel

/// A song's quadrant beside what a model says of it.
public struct ScoredQuadrant: Sendable {
  public let identifier: String
  /// Where listeners put the song.
  public let label: Quadrant
  /// The mean of what the model says of its moments.
  public let probabilities: QuadrantProbabilities
  /// Probability that the prediction is right, 0...1; nil before a calibration.
  public var confidence: Float?

  /// The most probable quadrant.
  public var prediction: Quadrant { probabilities.best }

  public init(
    identifier: String, label: Quadrant, probabilities: QuadrantProbabilities, confidence: Float? = nil
  ) {
    self.identifier = identifier
    self.label = label
    self.probabilities = probabilities
    self.confidence = confidence
  }
}
