internal import Affect
public import Platform

/// How often a model finds the quadrant of a song. Songs count, whatever their length.
public struct QuadrantScores: Sendable, Equatable {
  public let songCount: Int
  public let confusion: QuadrantConfusion
  /// How well the values tell positive from negative songs: the probability that the valence of a positive one is higher
  /// than that of a negative one, 0...1, where equal ones count half (the area under the ROC curve: Hanley and McNeil,
  /// "The meaning and use of the area under a receiver operating characteristic (ROC) curve", 1982). Nil if there is only
  /// one kind of song, or one without values.
  public let valenceAUC: Double?
  /// The same of excited and calm songs by their arousal.
  public let arousalAUC: Double?
  /// 95 % intervals from a bootstrap that draws songs with replacement, as in ``ScoreIntervals``; nil for a single song.
  public let accuracyInterval: Interval?
  public let macroF1Interval: Interval?

  /// - Parameters:
  ///   - songs: at least one.
  ///   - draws: how many times as many songs as there are get drawn, at least 1.
  public init(_ songs: [ScoredQuadrant], draws: Int = 1000, using generator: inout SeededGenerator) {
    precondition(!songs.isEmpty && draws > 0)
    songCount = songs.count
    confusion = QuadrantConfusion(labels: songs.map(\.label), predictions: songs.map(\.prediction))
    valenceAUC = Self.areaUnderCurve(songs, .valence)
    arousalAUC = Self.areaUnderCurve(songs, .arousal)
    guard songs.count > 1 else {
      (accuracyInterval, macroF1Interval) = (nil, nil)
      return
    }
    let ofSongs = songs.map { QuadrantConfusion(labels: [$0.label], predictions: [$0.prediction]) }
    let drawn = (0..<draws).map { _ in
      songs.indices.reduce(into: QuadrantConfusion()) { sum, _ in
        sum += ofSongs[Int(generator.uniform() * Double(songs.count))]
      }
    }
    accuracyInterval = Interval(draws: drawn.map(\.accuracy))
    macroF1Interval = Interval(draws: drawn.map(\.macroF1))
  }

  private static func areaUnderCurve(_ songs: [ScoredQuadrant], _ dimension: Dimension) -> Double? {
    let points = songs.compactMap { song in
      song.affect.map { (value: dimension.value(of: $0), isHigh: dimension.value(of: song.label.signs) > 0) }
    }
    let highCount = points.count { $0.isHigh }
    guard points.count == songs.count, highCount > 0, highCount < points.count else { return nil }
    let sorted = points.sorted { $0.value < $1.value }
    // Over groups of equal values: pairs with a low song below, and half the pairs within.
    var (pairs, lowBelow, start) = (0.0, 0, 0)
    while start < sorted.count {
      let end = sorted[start...].firstIndex { $0.value > sorted[start].value } ?? sorted.count
      let high = sorted[start..<end].count { $0.isHigh }
      let low = end - start - high
      pairs += Double(high) * (Double(lowBelow) + Double(low) / 2)
      lowBelow += low
      start = end
    }
    return pairs / (Double(highCount) * Double(points.count - highCount))
  }

  /// The scores as a table, a line for each model.
  public static func lines(_ rows: [(model: String, scores: QuadrantScores)]) -> [String] {
    TextTable(
      columns: ["model", "macro-F1", "weighted F1", "accuracy", "AUC valence", "AUC arousal"],
      rows: rows.map { model, scores in
        [
          model, NumberText.fixed(scores.confusion.macroF1, scores.macroF1Interval, 3),
          NumberText.fixed(scores.confusion.weightedF1, 3),
          NumberText.fixed(scores.confusion.accuracy, scores.accuracyInterval, 3),
          NumberText.fixed(scores.valenceAUC, 3), NumberText.fixed(scores.arousalAUC, 3),
        ]
      }
    ).lines
  }
}

/// ``QuadrantScores`` of a model for programs, under snake-case keys. What is undefined is null; intervals are
/// `[lower, upper]`; the confusion is `[4 labels × 4 predictions]`.
public struct QuadrantScoresReport: Sendable, Encodable {
  private let model: String
  private let scores: QuadrantScores

  public init(model: String, scores: QuadrantScores) {
    self.model = model
    self.scores = scores
  }

  private enum Key: String, CodingKey {
    case model, songs, accuracy, confusion, intervals
    case macroF1 = "macro_f1"
    case weightedF1 = "weighted_f1"
    case valenceAUC = "valence_auc"
    case arousalAUC = "arousal_auc"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(model, forKey: .model)
    try container.encode(scores.songCount, forKey: .songs)
    try container.encode(scores.confusion.macroF1, forKey: .macroF1)
    try container.encode(scores.confusion.weightedF1, forKey: .weightedF1)
    try container.encode(scores.confusion.accuracy, forKey: .accuracy)
    try container.encode(scores.valenceAUC, forKey: .valenceAUC)
    try container.encode(scores.arousalAUC, forKey: .arousalAUC)
    try container.encode(scores.confusion.counts, forKey: .confusion)
    var intervals = container.nestedContainer(keyedBy: Key.self, forKey: .intervals)
    try intervals.encode(scores.macroF1Interval.map { [$0.lower, $0.upper] }, forKey: .macroF1)
    try intervals.encode(scores.accuracyInterval.map { [$0.lower, $0.upper] }, forKey: .accuracy)
  }
}
