public import Affect
public import EmotionModel

/// A song's labels beside what a model says of them and how unsure it claims to be.
public struct UncertainSong: Sendable {
  /// What listeners say, `[frames]`, at least one.
  public let labels: [Affect]
  /// What the model says, `[frames]`.
  public let predictions: [Affect]
  /// The standard deviations that the model claims for its valences, `[frames]`, above 0.
  public let valenceDeviations: [Float]
  /// The same for its arousals, `[frames]`.
  public let arousalDeviations: [Float]

  /// - Precondition: there is at least one label, and as many of everything else.
  public init(labels: [Affect], predictions: [Affect], valenceDeviations: [Float], arousalDeviations: [Float]) {
    precondition(!labels.isEmpty && predictions.count == labels.count)
    precondition(valenceDeviations.count == labels.count && arousalDeviations.count == labels.count)
    self.labels = labels
    self.predictions = predictions
    self.valenceDeviations = valenceDeviations
    self.arousalDeviations = arousalDeviations
  }

  /// The song with the confidences that `calibration` gives.
  public func scored(as identifier: String, calibration: ConfidenceCalibration) -> ScoredSong {
    ScoredSong(
      identifier: identifier, labels: labels, predictions: predictions,
      confidences: zip(valenceDeviations, arousalDeviations).map {
        calibration.confidence(valenceDeviation: $0, arousalDeviation: $1)
      })
  }
}
