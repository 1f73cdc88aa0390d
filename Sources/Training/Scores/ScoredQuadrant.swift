public import Affect
public import EmotionModel

/// A song's quadrant beside what a model says of it.
public struct ScoredQuadrant: Sendable, Equatable {
  public let identifier: String
  /// Where listeners put the song.
  public let label: Quadrant
  public let prediction: Quadrant
  /// The values that the model gives the song as a whole; nil for a model that gives none.
  public let affect: Affect?
  /// The mean of what the model says of the song's moments; nil for a model that does not tell quadrants apart.
  public let probabilities: QuadrantProbabilities?
  /// Probability that the prediction is right, 0...1; nil before a calibration.
  public var confidence: Float?

  public init(
    identifier: String, label: Quadrant, prediction: Quadrant, affect: Affect? = nil,
    probabilities: QuadrantProbabilities? = nil
  ) {
    self.identifier = identifier
    self.label = label
    self.prediction = prediction
    self.affect = affect
    self.probabilities = probabilities
  }

  /// By the signs of the values that the model gives the song as a whole.
  public init(identifier: String, label: Quadrant, affect: Affect) {
    self.init(identifier: identifier, label: label, prediction: Quadrant(of: affect), affect: affect)
  }

  /// By the most probable quadrant.
  public init(identifier: String, label: Quadrant, affect: Affect, probabilities: QuadrantProbabilities) {
    self.init(
      identifier: identifier, label: label, prediction: probabilities.best, affect: affect,
      probabilities: probabilities)
  }

  /// What the model claims as the probability that the prediction is right.
  var claim: Double { probabilities?.probability(of: prediction) ?? 0.25 }
}
