/// The scores of a model for programs: every number of ``Scores`` and its interval, under snake-case keys. What is
/// undefined is null; intervals are `[lower, upper]`.
public struct ScoresReport: Sendable, Encodable {
  private let model: String
  private let scores: Scores
  private let intervals: ScoreIntervals?
  private let reliability: Reliability?

  public init(model: String, scores: Scores, intervals: ScoreIntervals? = nil, reliability: Reliability? = nil) {
    self.model = model
    self.scores = scores
    self.intervals = intervals
    self.reliability = reliability
  }

  private enum Key: String, CodingKey {
    case model, songs, frames, valence, arousal, intervals, reliability
    case quadrantAccuracy = "quadrant_accuracy"
    case quadrantMacroF1 = "quadrant_macro_f1"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(model, forKey: .model)
    try container.encode(scores.songCount, forKey: .songs)
    try container.encode(scores.frameCount, forKey: .frames)
    try container.encode(DimensionReport(scores: scores.valence), forKey: .valence)
    try container.encode(DimensionReport(scores: scores.arousal), forKey: .arousal)
    try container.encode(scores.quadrantAccuracy, forKey: .quadrantAccuracy)
    try container.encode(scores.quadrantMacroF1, forKey: .quadrantMacroF1)
    try container.encode(intervals.map(IntervalsReport.init), forKey: .intervals)
    try container.encode(reliability, forKey: .reliability)
  }
}

private struct DimensionReport: Encodable {
  let scores: DimensionScores

  private enum Key: String, CodingKey {
    case rootMeanSquareError = "root_mean_square_error"
    case meanAbsoluteError = "mean_absolute_error"
    case determination, correlation, concordance
    case songRootMeanSquareError = "song_root_mean_square_error"
    case songMeanAbsoluteError = "song_mean_absolute_error"
    case withinSongCorrelation = "within_song_correlation"
    case songMeanCorrelation = "song_mean_correlation"
    case songMeanRootMeanSquareError = "song_mean_root_mean_square_error"
    case songMeanConcordance = "song_mean_concordance"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(scores.rootMeanSquareError, forKey: .rootMeanSquareError)
    try container.encode(scores.meanAbsoluteError, forKey: .meanAbsoluteError)
    try container.encode(scores.determination, forKey: .determination)
    try container.encode(scores.correlation, forKey: .correlation)
    try container.encode(scores.concordance, forKey: .concordance)
    try container.encode(SpreadReport(scores.songRootMeanSquareError), forKey: .songRootMeanSquareError)
    try container.encode(SpreadReport(scores.songMeanAbsoluteError), forKey: .songMeanAbsoluteError)
    try container.encode(scores.withinSongCorrelation.map(SpreadReport.init), forKey: .withinSongCorrelation)
    try container.encode(scores.songMeanCorrelation, forKey: .songMeanCorrelation)
    try container.encode(scores.songMeanRootMeanSquareError, forKey: .songMeanRootMeanSquareError)
    try container.encode(scores.songMeanConcordance, forKey: .songMeanConcordance)
  }
}

private struct SpreadReport: Encodable {
  let value: MeanAndDeviation

  init(_ value: MeanAndDeviation) {
    self.value = value
  }

  private enum Key: String, CodingKey {
    case mean, songs
    case standardDeviation = "standard_deviation"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(value.mean, forKey: .mean)
    try container.encode(value.deviation, forKey: .standardDeviation)
    try container.encode(value.count, forKey: .songs)
  }
}

private struct IntervalsReport: Encodable {
  let intervals: ScoreIntervals

  init(_ intervals: ScoreIntervals) {
    self.intervals = intervals
  }

  private enum Key: String, CodingKey {
    case valence, arousal
    case quadrantAccuracy = "quadrant_accuracy"
    case quadrantMacroF1 = "quadrant_macro_f1"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.report(intervals.valence), forKey: .valence)
    try container.encode(Self.report(intervals.arousal), forKey: .arousal)
    try container.encode(intervals.quadrantAccuracy.map(Self.bounds), forKey: .quadrantAccuracy)
    try container.encode(intervals.quadrantMacroF1.map(Self.bounds), forKey: .quadrantMacroF1)
  }

  private static func report(_ intervals: ScoreIntervals.DimensionIntervals) -> [String: [Double]?] {
    [
      "root_mean_square_error": intervals.rootMeanSquareError.map(bounds),
      "mean_absolute_error": intervals.meanAbsoluteError.map(bounds),
      "determination": intervals.determination.map(bounds),
      "correlation": intervals.correlation.map(bounds),
      "concordance": intervals.concordance.map(bounds),
      "song_mean_correlation": intervals.songMeanCorrelation.map(bounds),
      "song_mean_root_mean_square_error": intervals.songMeanRootMeanSquareError.map(bounds),
      "song_mean_concordance": intervals.songMeanConcordance.map(bounds),
    ]
  }

  private static func bounds(_ interval: Interval) -> [Double] { [interval.lower, interval.upper] }
}
