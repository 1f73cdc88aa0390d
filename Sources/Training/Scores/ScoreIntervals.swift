public import Platform

/// How far the scores would vary with other songs: 95 % intervals from a bootstrap that draws songs with replacement.
///
/// Songs are drawn, not frames, because the frames of a song are near copies of each other.
public struct ScoreIntervals: Sendable, Equatable {
  public let valence: DimensionIntervals
  public let arousal: DimensionIntervals
  public let quadrantAccuracy: Interval?
  public let quadrantMacroF1: Interval?

  /// The intervals of the scores of the same names in ``DimensionScores``; nil for a score that is undefined in more
  /// than half of the draws.
  public struct DimensionIntervals: Sendable, Equatable {
    public let rootMeanSquareError: Interval?
    public let meanAbsoluteError: Interval?
    public let meanAbsolutePercentageError: Interval?
    public let determination: Interval?
    public let correlation: Interval?
    public let concordance: Interval?
    public let songMeanCorrelation: Interval?
    public let songMeanRootMeanSquareError: Interval?
    public let songMeanConcordance: Interval?
    public let songMeanDetermination: Interval?

    fileprivate init(_ draws: DimensionDraws) {
      rootMeanSquareError = Interval(draws: draws.pooled.map(\.rootMeanSquareError))
      meanAbsoluteError = Interval(draws: draws.pooled.map(\.meanAbsoluteError))
      meanAbsolutePercentageError = Interval(draws: draws.pooled.map(\.meanAbsolutePercentageError))
      determination = Interval(draws: draws.pooled.map(\.determination))
      correlation = Interval(draws: draws.pooled.map(\.correlation))
      concordance = Interval(draws: draws.pooled.map(\.concordance))
      songMeanCorrelation = Interval(draws: draws.means.map(\.correlation))
      songMeanRootMeanSquareError = Interval(draws: draws.means.map(\.rootMeanSquareError))
      songMeanConcordance = Interval(draws: draws.means.map(\.concordance))
      songMeanDetermination = Interval(draws: draws.means.map(\.determination))
    }
  }

  /// Nil for fewer than two songs, which say nothing about others.
  ///
  /// - Parameter draws: how many times as many songs as there are get drawn, at least 1. A draw costs a few additions
  ///   for each song, whatever its length.
  public init?(_ songs: [ScoredSong], draws: Int = 1000, using generator: inout SeededGenerator) {
    precondition(draws > 0)
    guard songs.count > 1 else { return nil }
    var valenceDraws = DimensionDraws(of: DimensionSums(.valence, of: songs))
    var arousalDraws = DimensionDraws(of: DimensionSums(.arousal, of: songs))
    let confusions = songs.map { QuadrantConfusion($0) }
    var confusionDraws: [QuadrantConfusion] = []
    for _ in 0..<draws {
      let drawn = songs.indices.map { _ in Int(generator.uniform() * Double(songs.count)) }
      valenceDraws.add(drawn)
      arousalDraws.add(drawn)
      confusionDraws.append(drawn.reduce(into: QuadrantConfusion()) { $0 += confusions[$1] })
    }
    valence = DimensionIntervals(valenceDraws)
    arousal = DimensionIntervals(arousalDraws)
    quadrantAccuracy = Interval(draws: confusionDraws.map(\.accuracy))
    quadrantMacroF1 = Interval(draws: confusionDraws.map(\.macroF1))
  }

  public subscript(dimension: Dimension) -> DimensionIntervals {
    switch dimension {
    case .valence: valence
    case .arousal: arousal
    }
  }
}

/// The sums of each draw, from which any score follows.
private struct DimensionDraws {
  private(set) var pooled: [PairSums] = []
  private(set) var means: [PairSums] = []
  private let songs: DimensionSums

  init(of songs: DimensionSums) {
    self.songs = songs
  }

  /// - Parameter drawn: indices of songs, with repetitions.
  mutating func add(_ drawn: [Int]) {
    var frames = PairSums(origin: songs.pooled[0].origin)
    var points = PairSums(origin: songs.means[0].origin)
    for index in drawn {
      frames += songs.pooled[index]
      points += songs.means[index]
    }
    pooled.append(frames)
    means.append(points)
  }
}

/// A 95 % confidence interval.
public struct Interval: Sendable, Equatable {
  public let lower: Double
  public let upper: Double

  /// From the 2.5th to the 97.5th percentile of a score's bootstrap draws (Efron and Tibshirani, "An introduction to the
  /// bootstrap", 1993, chapter 13). Draws in which the score is undefined are left out; nil if these are more than half.
  init?(draws: [Double?]) {
    let sorted = draws.compactMap { $0 }.sorted()
    guard !sorted.isEmpty, sorted.count * 2 >= draws.count else { return nil }
    func percentile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let index = Int(position)
      let next = min(index + 1, sorted.count - 1)
      return sorted[index] + (sorted[next] - sorted[index]) * (position - Double(index))
    }
    lower = percentile(0.025)
    upper = percentile(0.975)
  }
}
