import Affect
import Platform
import Testing
import Training

@Suite struct ScoreIntervalsTests {
  private func songs(_ count: Int, seed: UInt64) -> [ScoredSong] {
    var generator = SeededGenerator(seed: seed)
    return RandomSongs.make(count: count, frames: 5...20, using: &generator)
  }

  private func intervals(_ songs: [ScoredSong], seed: UInt64 = 1) throws -> ScoreIntervals {
    var generator = SeededGenerator(seed: seed)
    return try #require(ScoreIntervals(songs, using: &generator))
  }

  private func contains(_ interval: Interval?, _ value: Double?) -> Bool {
    guard let interval, let value else { return false }
    return interval.lower < value && value < interval.upper
  }

  @Test func intervalsHoldTheScoresThemselves() throws {
    let songs = songs(60, seed: 1)
    let scores = Scores(songs)
    let intervals = try intervals(songs)
    for dimension in Dimension.allCases {
      let interval = intervals[dimension]
      let score = scores[dimension]
      #expect(contains(interval.rootMeanSquareError, score.rootMeanSquareError))
      #expect(contains(interval.meanAbsoluteError, score.meanAbsoluteError))
      #expect(contains(interval.meanAbsolutePercentageError, score.meanAbsolutePercentageError))
      #expect(contains(interval.determination, score.determination))
      #expect(contains(interval.correlation, score.correlation))
      #expect(contains(interval.concordance, score.concordance))
      #expect(contains(interval.songMeanCorrelation, score.songMeanCorrelation))
      #expect(contains(interval.songMeanRootMeanSquareError, score.songMeanRootMeanSquareError))
      #expect(contains(interval.songMeanConcordance, score.songMeanConcordance))
      #expect(contains(interval.songMeanDetermination, score.songMeanDetermination))
    }
    #expect(contains(intervals.quadrantAccuracy, scores.quadrantAccuracy))
    #expect(contains(intervals.quadrantMacroF1, scores.quadrantMacroF1))
  }

  @Test func theSeedDeterminesThem() throws {
    let songs = songs(30, seed: 2)
    #expect(try intervals(songs, seed: 7) == intervals(songs, seed: 7))
    #expect(try intervals(songs, seed: 7) != intervals(songs, seed: 8))
  }

  @Test func ofTwoSongsTheyReachFromOneToTheOther() throws {
    // A quarter of the draws hold the first song twice, a quarter the second.
    let first = ScoredSong(
      identifier: "1", labels: [.neutral, .neutral],
      predictions: Array(repeating: Affect(valence: 0.125, arousal: 0), count: 2))
    let second = ScoredSong(
      identifier: "2", labels: [.neutral], predictions: [Affect(valence: -0.5, arousal: 0)])
    let intervals = try intervals([first, second])
    #expect(intervals.valence.rootMeanSquareError?.lower == 0.125)
    #expect(intervals.valence.rootMeanSquareError?.upper == 0.5)
    #expect(intervals.quadrantAccuracy?.lower == 0 && intervals.quadrantAccuracy?.upper == 1)
    // The labels are constant in every draw.
    #expect(intervals.valence.correlation == nil && intervals.valence.determination == nil)
  }

  @Test func fourTimesTheSongsHalveThem() throws {
    func width(_ count: Int) throws -> Double {
      let widths = try (UInt64(1)...10).map { seed in
        let interval = try #require(try intervals(songs(count, seed: seed)).valence.correlation)
        return interval.upper - interval.lower
      }
      return widths.reduce(0, +) / Double(widths.count)
    }
    let ratio = try width(60) / width(240)
    #expect(abs(ratio - 2) < 0.3)
  }

  @Test func longerSongsDoNotNarrowThem() throws {
    // Ten copies of each frame tell nothing about other songs.
    let songs = songs(30, seed: 3)
    let copied = songs.map { song in
      ScoredSong(
        identifier: song.identifier, labels: Array(repeating: song.labels, count: 10).flatMap { $0 },
        predictions: Array(repeating: song.predictions, count: 10).flatMap { $0 })
    }
    let short = try #require(try intervals(songs).arousal.correlation)
    let long = try #require(try intervals(copied).arousal.correlation)
    #expect(abs(short.lower - long.lower) < 1e-9 && abs(short.upper - long.upper) < 1e-9)
    #expect(short.upper - short.lower > 0.01)
  }

  /// A song of seven frames, all with this label, whose predictions lie about `prediction`.
  private func song(label: Float, prediction: Float, spread: Float = 0) -> ScoredSong {
    ScoredSong(
      identifier: "", labels: Array(repeating: Affect(valence: label, arousal: 0), count: 7),
      predictions: [-spread, 0, spread, 0, -spread, 0, spread].map { Affect(valence: prediction + $0, arousal: 0) })
  }

  @Test func drawsOfConstantLabelsAreLeftOut() throws {
    // One draw in 27 holds the last song three times. Its label is no binary fraction, so that rounding makes it look as
    // if it varied a little, and R² would be about -10¹⁴.
    let songs = [
      song(label: 0.1, prediction: 0, spread: 0.1), song(label: 0.1, prediction: 0.1, spread: 0.1),
      song(label: -0.83, prediction: -0.5, spread: 0.1),
    ]
    let determination = try #require(try intervals(songs).valence.determination)
    #expect((-10...1).contains(determination.lower))
  }

  @Test func aScoreThatMostDrawsLackHasNoInterval() throws {
    // r needs the second song and the third one, which 12 of 27 draws have; R² needs other labels, which 18 have.
    let songs = [song(label: 0, prediction: 0), song(label: 0.5, prediction: 0), song(label: 0, prediction: 0.5)]
    let valence = try intervals(songs).valence
    #expect(Scores(songs).valence.correlation != nil)
    #expect(valence.correlation == nil && valence.determination != nil)
  }

  @Test func aSingleSongHasNone() {
    var generator = SeededGenerator(seed: 1)
    #expect(ScoreIntervals(songs(1, seed: 4), using: &generator) == nil)
  }
}
