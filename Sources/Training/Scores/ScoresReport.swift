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

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(model, forKey: "model")
    try container.encode(scores.songCount, forKey: "songs")
    try container.encode(scores.frameCount, forKey: "frames")
    try container.encode(DimensionReport(scores: scores.valence), forKey: "valence")
    try container.encode(DimensionReport(scores: scores.arousal), forKey: "arousal")
    try container.encode(scores.quadrantAccuracy, forKey: "quadrant_accuracy")
    try container.encode(scores.quadrantMacroF1, forKey: "quadrant_macro_f1")
    try container.encode(intervals.map(IntervalsReport.init), forKey: "intervals")
    try container.encode(reliability, forKey: "reliability")
  }
}

/// The scores of a dimension that have an interval, with their keys.
private let scoresWithIntervals:
  [(
    key: Key, score: @Sendable (DimensionScores) -> Double?,
    interval: @Sendable (ScoreIntervals.DimensionIntervals) -> Interval?
  )] = [
    ("root_mean_square_error", { $0.rootMeanSquareError }, { $0.rootMeanSquareError }),
    ("mean_absolute_error", { $0.meanAbsoluteError }, { $0.meanAbsoluteError }),
    ("mean_absolute_percentage_error", { $0.meanAbsolutePercentageError }, { $0.meanAbsolutePercentageError }),
    ("determination", { $0.determination }, { $0.determination }),
    ("correlation", { $0.correlation }, { $0.correlation }),
    ("concordance", { $0.concordance }, { $0.concordance }),
    ("song_mean_correlation", { $0.songMeanCorrelation }, { $0.songMeanCorrelation }),
    ("song_mean_root_mean_square_error", { $0.songMeanRootMeanSquareError }, { $0.songMeanRootMeanSquareError }),
    ("song_mean_concordance", { $0.songMeanConcordance }, { $0.songMeanConcordance }),
    ("song_mean_determination", { $0.songMeanDetermination }, { $0.songMeanDetermination }),
  ]

private struct DimensionReport: Encodable {
  let scores: DimensionScores

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for row in scoresWithIntervals { try container.encode(row.score(scores), forKey: row.key) }
    for (key, spread) in [
      ("song_root_mean_square_error", scores.songRootMeanSquareError),
      ("song_mean_absolute_error", scores.songMeanAbsoluteError),
      ("within_song_correlation", scores.withinSongCorrelation),
    ] as [(Key, MeanAndDeviation?)] {
      guard let spread else {
        try container.encodeNil(forKey: key)
        continue
      }
      var spreadContainer = container.nestedContainer(keyedBy: Key.self, forKey: key)
      try spreadContainer.encode(spread.mean, forKey: "mean")
      try spreadContainer.encode(spread.deviation, forKey: "standard_deviation")
      try spreadContainer.encode(spread.count, forKey: "songs")
    }
  }
}

private struct IntervalsReport: Encodable {
  let intervals: ScoreIntervals

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (key, dimension) in [("valence", intervals.valence), ("arousal", intervals.arousal)]
      as [(Key, ScoreIntervals.DimensionIntervals)]
    {
      var own = container.nestedContainer(keyedBy: Key.self, forKey: key)
      for row in scoresWithIntervals { try own.encode(row.interval(dimension).map(Self.bounds), forKey: row.key) }
    }
    try container.encode(intervals.quadrantAccuracy.map(Self.bounds), forKey: "quadrant_accuracy")
    try container.encode(intervals.quadrantMacroF1.map(Self.bounds), forKey: "quadrant_macro_f1")
  }

  private static func bounds(_ interval: Interval) -> [Double] { [interval.lower, interval.upper] }
}

private struct Key: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringLiteral value: String) { stringValue = value }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
