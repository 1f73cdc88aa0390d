public import Affect

/// How near a model comes to what listeners say.
public struct Scores: Sendable, Equatable {
  public let valence: DimensionScores
  public let arousal: DimensionScores
  /// Share of the frames whose quadrant is right, 0...1. A point on an axis counts as positive or excited.
  public let quadrantAccuracy: Double
  /// Mean F1 of the quadrants that occur among the labels or the predictions, 0...1.
  public let quadrantMacroF1: Double
  public let songCount: Int
  /// Frames of all songs.
  public let frameCount: Int

  /// - Precondition: there is at least one song.
  public init(_ songs: [ScoredSong]) {
    precondition(!songs.isEmpty)
    valence = DimensionScores(DimensionSums(.valence, of: songs))
    arousal = DimensionScores(DimensionSums(.arousal, of: songs))
    let confusion = songs.reduce(into: QuadrantConfusion()) { $0 += QuadrantConfusion($1) }
    quadrantAccuracy = confusion.accuracy
    quadrantMacroF1 = confusion.macroF1
    songCount = songs.count
    frameCount = songs.reduce(0) { $0 + $1.labels.count }
  }

  public subscript(dimension: Dimension) -> DimensionScores {
    switch dimension {
    case .valence: valence
    case .arousal: arousal
    }
  }
}

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

/// How near the predictions of one dimension come to the labels. Values and errors are on the scale -1...1.
///
/// What is undefined, because there are fewer than two points or they are constant, is nil.
public struct DimensionScores: Sendable, Equatable {
  // MARK: - Over the frames of all songs

  public let rootMeanSquareError: Double
  public let meanAbsoluteError: Double
  /// The error in percent of the label, after both were brought from -1...1 onto 0...1 by (x + 1) / 2. A label below 0.05
  /// counts as 0.05. It depends on where the scale's zero lies, and errors at low labels dominate it.
  public let meanAbsolutePercentageError: Double
  /// R², at most 1; below 0 where the labels' mean would be the better prediction.
  public let determination: Double?
  /// Pearson's r, -1...1.
  public let correlation: Double?
  /// Lin's concordance correlation coefficient, -1...1 (Lin, 1989): what is off by a constant or a factor loses here,
  /// though not in ``correlation``. It is 0, not nil, for constant predictions.
  public let concordance: Double?

  // MARK: - Of each song's own frames, over songs

  public let songRootMeanSquareError: MeanAndDeviation
  public let songMeanAbsoluteError: MeanAndDeviation
  /// Pearson's r inside a song, whose `count` says in how many songs it is defined; nil if in none.
  public let withinSongCorrelation: MeanAndDeviation?

  // MARK: - Of song means, one point for each song

  public let songMeanCorrelation: Double?
  public let songMeanRootMeanSquareError: Double
  public let songMeanConcordance: Double?
  /// R² of the song means, at most 1.
  public let songMeanDetermination: Double?

  init(_ sums: DimensionSums) {
    let pooled = sums.pooled.total
    rootMeanSquareError = pooled.rootMeanSquareError
    meanAbsoluteError = pooled.meanAbsoluteError
    meanAbsolutePercentageError = pooled.meanAbsolutePercentageError
    determination = pooled.determination
    correlation = pooled.correlation
    concordance = pooled.concordance
    songRootMeanSquareError = MeanAndDeviation(sums.own.map(\.rootMeanSquareError))!  // there is at least one song
    songMeanAbsoluteError = MeanAndDeviation(sums.own.map(\.meanAbsoluteError))!  // likewise
    withinSongCorrelation = MeanAndDeviation(sums.own.compactMap(\.correlation))
    let means = sums.means.total
    songMeanCorrelation = means.correlation
    songMeanRootMeanSquareError = means.rootMeanSquareError
    songMeanConcordance = means.concordance
    songMeanDetermination = means.determination
  }
}

/// Mean and standard deviation of a number that each song has.
public struct MeanAndDeviation: Sendable, Equatable {
  public let mean: Double
  /// The sample's standard deviation, over n - 1; nil for a single song.
  public let deviation: Double?
  /// Number of songs that have the number.
  public let count: Int

  /// Nil if there are no values.
  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    deviation =
      values.count > 1
      ? (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot() : nil
  }
}
