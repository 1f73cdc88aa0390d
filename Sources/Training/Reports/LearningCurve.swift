/// How the training of a model went, epoch by epoch.
public struct LearningCurve: Sendable {
  public struct Entry: Sendable {
    /// Counted from 1.
    public let epoch: Int
    public let trainingLoss: Double
    /// Nil if nothing was validated after this epoch.
    public let validationLoss: Double?
    /// Pearson's r on the validation songs, -1...1; NaN where it is undefined.
    public let validationCorrelation: (valence: Double, arousal: Double)?

    public init(
      epoch: Int, trainingLoss: Double, validationLoss: Double? = nil,
      validationCorrelation: (valence: Double, arousal: Double)? = nil
    ) {
      self.epoch = epoch
      self.trainingLoss = trainingLoss
      self.validationLoss = validationLoss
      self.validationCorrelation = validationCorrelation
    }
  }

  /// By rising epoch.
  public let entries: [Entry]
  /// The epoch whose model was kept; nil if none was.
  public let bestEpoch: Int?

  /// - Parameter bestEpoch: the epoch whose model was kept; without it, the one with the least validation loss.
  public init(_ entries: [Entry], bestEpoch: Int? = nil) {
    self.entries = entries.sorted { $0.epoch < $1.epoch }
    let validated = self.entries.compactMap { entry in
      entry.validationLoss.flatMap { $0.isFinite ? (epoch: entry.epoch, loss: $0) : nil }
    }
    self.bestEpoch = bestEpoch ?? validated.min { $0.loss < $1.loss }?.epoch
  }

  /// A picture of the curve: see ``LearningCurvePlot``.
  public func svg(title: String) -> String {
    LearningCurvePlot(self, title: title).svg
  }
}
