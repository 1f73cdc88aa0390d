public import Affect

/// A song's labels beside what a model says of them, frame by frame.
public struct ScoredSong: Sendable {
  public let identifier: String
  /// What listeners say, `[frames]`, at least one.
  public let labels: [Affect]
  /// What the model says, `[frames]`.
  public let predictions: [Affect]
  /// The model's confidence in each prediction, `[frames]`, 0...1; nil for a model that has none.
  public let confidences: [Float]?

  /// - Precondition: there is at least one label, as many predictions and, if there are any, as many confidences, which
  ///   lie in 0...1.
  public init(identifier: String, labels: [Affect], predictions: [Affect], confidences: [Float]? = nil) {
    precondition(!labels.isEmpty && predictions.count == labels.count)
    if let confidences {
      precondition(confidences.count == labels.count && confidences.allSatisfy { (0...1).contains($0) })
    }
    self.identifier = identifier
    self.labels = labels
    self.predictions = predictions
    self.confidences = confidences
  }
}
