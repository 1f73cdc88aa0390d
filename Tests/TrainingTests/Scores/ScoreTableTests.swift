import Affect
import FoundationEssentials
import Platform
import Testing
import Training

@Suite struct ScoreTableTests {
  private let songs = [
    ScoredSong(
      identifier: "a", labels: [Affect(valence: 0, arousal: 0.5), Affect(valence: 0.5, arousal: 0.5)],
      predictions: [Affect(valence: 0.25, arousal: 0.25), Affect(valence: 0.5, arousal: 0.75)]),
    ScoredSong(
      identifier: "b", labels: [Affect(valence: -0.5, arousal: 0.5)],
      predictions: [Affect(valence: -0.75, arousal: 0.5)]),
  ]

  @Test func theMainTableIsAligned() {
    let table = ScoreTable([
      .init(model: "mlp", scores: Scores(songs)),
      .init(model: "constant mean", scores: Scores(Baselines.constantMean(of: [.neutral], for: songs))),
    ])
    // Valence: errors 1/4, 0, -1/4; labels' squares 1/2, products 5/8, predictions' squares 7/8 about their mean 0.
    // Arousal: constant labels, errors ±1/4 and 0. The mean is positive and excited: one frame of three is not.
    #expect(
      table.lines == [
        "model          r valence  r arousal  CCC v  CCC a  RMSE v  RMSE a  MAE v  MAE a   R² v  R² a  quadrant     F1",
        "mlp                 0.94          –  0.909  0.000   0.204   0.204  0.167  0.167  0.750     –     1.000  1.000",
        "constant mean          –          –  0.000  0.000   0.408   0.500  0.333  0.500  0.000     –     0.667  0.400",
      ])
  }

  @Test func theTableBySongCountsCorrelations() {
    let lines = ScoreTable([.init(model: "mlp", scores: Scores(songs))]).songLines
    // Valence: root mean squares √(1/32) and 1/4, two points that go the same way, and a song of one frame.
    #expect(
      lines == [
        "model    song RMSE v    song RMSE a    within-song r v  within-song r a  song-mean r v  song-mean r a",
        "mlp    0.213 ± 0.052  0.125 ± 0.177  1.00 ± – (1 of 2)       – (0 of 2)          1.000              –",
      ])
  }

  @Test func correlationsHaveTheirIntervals() throws {
    var generator = SeededGenerator(seed: 1)
    let songs = RandomSongs.make(count: 40, frames: 3...9, using: &generator)
    let intervals = try #require(ScoreIntervals(songs, using: &generator))
    let lines = ScoreTable([.init(model: "gru", scores: Scores(songs), intervals: intervals)]).lines
    #expect(lines[1].contains(#/^gru +0\.\d\d \[0\.\d\d, 0\.\d\d\] +0\.\d\d \[0\.\d\d, 0\.\d\d\] /#))
    #expect(Set(lines.map(\.count)).count == 1)
  }

  @Test func whatRoundsToZeroHasNoSign() throws {
    // The mean of the labels is 0; a constant of 0.001 gives R² = -3 · 0.001² / 0.5.
    let constant = Baselines.constantMean(of: [Affect(valence: 0.001, arousal: 0)], for: songs)
    let scores = Scores(constant)
    #expect(try #require(scores.valence.determination) < 0)
    let lines = ScoreTable([.init(model: "constant", scores: scores)]).lines
    #expect(lines[1].contains("0.000") && !lines[1].contains("-"))
  }

  @Test func noModelsMakeNoTable() {
    #expect(ScoreTable([]).lines.isEmpty && ScoreTable([]).songLines.isEmpty)
  }

  // MARK: - JSON

  private struct Report: Decodable {
    struct Dimension: Decodable {
      struct Spread: Decodable {
        let mean: Double
        let standardDeviation: Double?
        let songs: Int
      }
      let rootMeanSquareError: Double
      let meanAbsoluteError: Double
      let meanAbsolutePercentageError: Double
      let determination: Double?
      let correlation: Double?
      let concordance: Double?
      let songRootMeanSquareError: Spread
      let songMeanAbsoluteError: Spread
      let withinSongCorrelation: Spread?
      let songMeanCorrelation: Double?
      let songMeanRootMeanSquareError: Double
      let songMeanConcordance: Double?
      let songMeanDetermination: Double?
    }
    struct Intervals: Decodable {
      let valence: [String: [Double]?]
      let arousal: [String: [Double]?]
      let quadrantAccuracy: [Double]?
      let quadrantMacroF1: [Double]?
    }
    let model: String
    let songs: Int
    let frames: Int
    let valence: Dimension
    let arousal: Dimension
    let quadrantAccuracy: Double
    let quadrantMacroF1: Double
    let intervals: Intervals?
  }

  private func bounds(_ interval: Interval?) -> [Double]? {
    interval.map { [$0.lower, $0.upper] }
  }

  @Test func theReportHoldsEveryScore() throws {
    var generator = SeededGenerator(seed: 2)
    let songs = RandomSongs.make(count: 12, frames: 3...9, using: &generator)
    let scores = Scores(songs)
    let intervals = try #require(ScoreIntervals(songs, draws: 100, using: &generator))
    let data = try JSONEncoder().encode(ScoresReport(model: "gru", scores: scores, intervals: intervals))
    #expect(!String(decoding: data, as: UTF8.self).contains { $0.isUppercase })
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let report = try decoder.decode(Report.self, from: data)
    #expect(report.model == "gru" && report.songs == 12 && report.frames == scores.frameCount)
    #expect(report.quadrantAccuracy == scores.quadrantAccuracy && report.quadrantMacroF1 == scores.quadrantMacroF1)
    for (encoded, score) in [(report.valence, scores.valence), (report.arousal, scores.arousal)] {
      #expect(encoded.rootMeanSquareError == score.rootMeanSquareError)
      #expect(encoded.meanAbsoluteError == score.meanAbsoluteError)
      #expect(encoded.meanAbsolutePercentageError == score.meanAbsolutePercentageError)
      #expect(encoded.determination == score.determination)
      #expect(encoded.correlation == score.correlation)
      #expect(encoded.concordance == score.concordance)
      #expect(encoded.songRootMeanSquareError.mean == score.songRootMeanSquareError.mean)
      #expect(encoded.songRootMeanSquareError.standardDeviation == score.songRootMeanSquareError.deviation)
      #expect(encoded.songMeanAbsoluteError.mean == score.songMeanAbsoluteError.mean)
      #expect(encoded.songMeanAbsoluteError.songs == 12)
      #expect(encoded.withinSongCorrelation?.mean == score.withinSongCorrelation?.mean)
      #expect(encoded.songMeanCorrelation == score.songMeanCorrelation)
      #expect(encoded.songMeanRootMeanSquareError == score.songMeanRootMeanSquareError)
      #expect(encoded.songMeanConcordance == score.songMeanConcordance)
      #expect(encoded.songMeanDetermination == score.songMeanDetermination)
    }
    let encoded = try #require(report.intervals)
    for (encoded, interval) in [(encoded.valence, intervals.valence), (encoded.arousal, intervals.arousal)] {
      let expected: [String: Interval?] = [
        "root_mean_square_error": interval.rootMeanSquareError, "mean_absolute_error": interval.meanAbsoluteError,
        "mean_absolute_percentage_error": interval.meanAbsolutePercentageError,
        "determination": interval.determination, "correlation": interval.correlation,
        "concordance": interval.concordance, "song_mean_correlation": interval.songMeanCorrelation,
        "song_mean_root_mean_square_error": interval.songMeanRootMeanSquareError,
        "song_mean_concordance": interval.songMeanConcordance,
        "song_mean_determination": interval.songMeanDetermination,
      ]
      #expect(encoded == expected.mapValues { bounds($0) })
    }
    #expect(encoded.quadrantAccuracy == bounds(intervals.quadrantAccuracy))
    #expect(encoded.quadrantMacroF1 == bounds(intervals.quadrantMacroF1))
  }

  @Test func whatIsUndefinedIsNull() throws {
    let data = try JSONEncoder().encode(ScoresReport(model: "mlp", scores: Scores(songs)))
    let json = String(decoding: data, as: UTF8.self)
    for key in ["determination", "correlation", "song_mean_correlation", "within_song_correlation", "intervals"] {
      #expect(json.contains("\"\(key)\":null"))
    }
    #expect(json.contains("\"reliability\":null"))
  }
}
