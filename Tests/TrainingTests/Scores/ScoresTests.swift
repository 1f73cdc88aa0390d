import Affect
import Platform
import Testing
import Training

@Suite struct ScoresTests {
  /// Songs whose valences these are; the arousals are all 0.5.
  private func songs(_ valences: [(labels: [Float], predictions: [Float])]) -> [ScoredSong] {
    valences.enumerated().map { index, song in
      ScoredSong(
        identifier: "\(index)", labels: song.labels.map { Affect(valence: $0, arousal: 0.5) },
        predictions: song.predictions.map { Affect(valence: $0, arousal: 0.5) })
    }
  }

  private func valence(_ labels: [Float], _ predictions: [Float]) -> DimensionScores {
    Scores(songs([(labels, predictions)])).valence
  }

  private func isNear(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-9) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
  }

  /// Two songs of three and two frames, whose sums are worked out in the tests.
  private var twoSongs: [ScoredSong] {
    songs([([0, 0.25, 0.5], [0.25, 0.25, 0.75]), ([-0.5, -0.25], [-0.25, -0.75])])
  }

  // MARK: - Hand-computed values

  @Test func pooledScoresAreThoseOfAllFrames() {
    let scores = Scores(twoSongs)
    #expect(scores.songCount == 2 && scores.frameCount == 5)
    // Errors 1/4, 0, 1/4, 1/4, -1/2: squares sum to 7/16, magnitudes to 5/4.
    #expect(isNear(scores.valence.rootMeanSquareError, (7.0 / 80).squareRoot()))
    #expect(isNear(scores.valence.meanAbsoluteError, 0.25))
    // On 0...1 the errors are half as large, the labels 1/2, 5/8, 3/4, 1/4, 3/8.
    // Relative errors 1/4, 0, 1/6, 1/2, 2/3: they sum to 19/12.
    #expect(isNear(scores.valence.meanAbsolutePercentageError, 100 * 19.0 / 60))
    // Labels about their mean 0: squares 5/8. R² = 1 - (7/16) / (5/8).
    #expect(isNear(scores.valence.determination, 0.3))
    // Predictions about their mean 1/20: squares 21/16 - 5/400 = 1.3; products 3/4. r = 0.75 / √(0.625 · 1.3).
    #expect(isNear(scores.valence.correlation, 3 / 13.0.squareRoot()))
    // CCC = 2 · 0.75 / (0.625 + 1.3 + 5 · (1/20)²).
    #expect(isNear(scores.valence.concordance, 24.0 / 31))
  }

  @Test func songScoresAreMeanAndDeviationOverSongs() throws {
    let valence = Scores(twoSongs).valence
    // Mean squares 1/24 and 5/32; the deviation of two numbers is their distance / √2.
    let first = (1.0 / 24).squareRoot()
    let second = (5.0 / 32).squareRoot()
    #expect(isNear(valence.songRootMeanSquareError.mean, (first + second) / 2))
    #expect(isNear(valence.songRootMeanSquareError.deviation, (second - first) / 2.0.squareRoot()))
    // Mean magnitudes 1/6 and 3/8.
    #expect(isNear(valence.songMeanAbsoluteError.mean, 13.0 / 48))
    #expect(isNear(valence.songMeanAbsoluteError.deviation, 5.0 / 24 / 2.0.squareRoot()))
    #expect(valence.songMeanAbsoluteError.count == 2)
    // First song: labels -1/4, 0, 1/4 and predictions -1/6, -1/6, 1/3 about their means: (1/8) / √(1/8 · 1/6) = √3 / 2.
    // Second song: two points that go opposite ways.
    let within = try #require(valence.withinSongCorrelation)
    #expect(isNear(within.mean, (3.0.squareRoot() / 2 - 1) / 2))
    #expect(isNear(within.deviation, (3.0.squareRoot() / 2 + 1) / 2.0.squareRoot()))
    #expect(within.count == 2)
  }

  @Test func songMeansCountOncePerSong() {
    let valence = Scores(twoSongs).valence
    // Mean labels 1/4 and -3/8, mean predictions 5/12 and -1/2: two points that go the same way, with errors 1/6, -1/8.
    #expect(isNear(valence.songMeanCorrelation, 1))
    #expect(isNear(valence.songMeanRootMeanSquareError, ((1.0 / 36 + 1.0 / 64) / 2).squareRoot()))
    // About the means -1/16 and -1/24: ±5/16 and ±11/24. CCC = 2 · 5/16 · 11/24 / ((5/16)² + (11/24)² + (1/48)²).
    // R² = 1 - (1/36 + 1/64) / (2 · (5/16)²).
    #expect(isNear(valence.songMeanDetermination, 1 - (1.0 / 36 + 1.0 / 64) * 128 / 25))
    let denominator = 25.0 / 256 + 121.0 / 576 + 1.0 / 2304
    #expect(isNear(valence.songMeanConcordance, 2 * 55.0 / 384 / denominator))
  }

  @Test func aLabelNearTheEndOfTheScaleCountsAsATwentiethOfIt() {
    // On 0...1: labels 0 and 1/32 count as 1/20, and errors are 1/8 and 1/32. The third label is 1/16, the error 1/16.
    let scores = valence([-1, -0.9375, -0.875], [-0.75, -1, -1])
    #expect(isNear(scores.meanAbsolutePercentageError, 100 * (20.0 / 8 + 20.0 / 32 + 1) / 3))
  }

  @Test func dimensionsAreNotMixedUp() {
    let song = ScoredSong(
      identifier: "", labels: [Affect(valence: 0, arousal: 0.5), Affect(valence: 0.5, arousal: 0)],
      predictions: [Affect(valence: 0.125, arousal: 1), Affect(valence: 0.625, arousal: -0.5)])
    let scores = Scores([song])
    #expect(scores.valence.rootMeanSquareError == 0.125 && scores.arousal.rootMeanSquareError == 0.5)
    #expect(scores[.valence] == scores.valence && scores[.arousal] == scores.arousal)
  }

  @Test func quadrantsAreScoredByAccuracyAndMacroF1() {
    // Labels one, one, two, three; predicted one, two, two, two. Quadrant four occurs nowhere and does not count.
    // F1: one 2·1 / (2 + 1) = 2/3; two 2·1 / (1 + 3) = 1/2; three 0.
    let one = Affect(valence: 0.5, arousal: 0.5)
    let two = Affect(valence: -0.5, arousal: 0.5)
    let three = Affect(valence: -0.5, arousal: -0.5)
    let song = ScoredSong(identifier: "", labels: [one, one, two, three], predictions: [one, two, two, two])
    let scores = Scores([song])
    #expect(scores.quadrantAccuracy == 0.5)
    #expect(isNear(scores.quadrantMacroF1, 7.0 / 18))
  }

  @Test func pointsOnAnAxisCountAsPositiveAndExcited() {
    let song = ScoredSong(
      identifier: "", labels: [.neutral, .neutral, .neutral],
      predictions: [
        Affect(valence: 0.5, arousal: 0.5), Affect(valence: -0.5, arousal: 0), Affect(valence: 0, arousal: -0.5),
      ])
    #expect(isNear(Scores([song]).quadrantAccuracy, 1.0 / 3))
  }

  // MARK: - What is undefined

  @Test func constantLabelsHaveNoCorrelation() {
    let scores = valence([0.3, 0.3, 0.3], [0.1, 0.2, 0.3])
    #expect(scores.correlation == nil && scores.determination == nil && scores.withinSongCorrelation == nil)
    #expect(scores.concordance == 0)
    #expect(isNear(scores.meanAbsoluteError, 0.1, within: 1e-7))
  }

  @Test func constantPredictionsHaveNoCorrelation() {
    let scores = valence([0, 0.25, 0.5], [0.7, 0.7, 0.7])
    #expect(scores.correlation == nil && scores.withinSongCorrelation == nil)
    #expect(scores.concordance == 0)
    #expect((scores.determination ?? 0) < 0)
  }

  @Test func equalConstantsHaveNoConcordance() {
    let scores = valence([0.3, 0.3, 0.3], [0.3, 0.3, 0.3])
    #expect(scores.concordance == nil && scores.correlation == nil)
    #expect(scores.rootMeanSquareError == 0)
  }

  @Test func aSingleFrameHasErrorsOnly() {
    let scores = valence([0.25], [0.5])
    #expect(scores.rootMeanSquareError == 0.25 && scores.meanAbsoluteError == 0.25)
    #expect(scores.correlation == nil && scores.determination == nil && scores.concordance == nil)
    #expect(scores.songMeanCorrelation == nil && scores.songMeanConcordance == nil)
    #expect(scores.songMeanDetermination == nil)
    #expect(scores.songRootMeanSquareError.deviation == nil)
  }

  @Test func songsWithoutACorrelationAreCountedApart() {
    let scores = Scores(songs([([0, 0.5], [0, 0.25]), ([0.1, 0.1], [0, 0.25]), ([0, 0.5], [0.25, 0])])).valence
    #expect(scores.withinSongCorrelation?.count == 2)
    #expect(isNear(scores.withinSongCorrelation?.mean, 0))
    #expect(scores.songRootMeanSquareError.count == 3)
  }

  // MARK: - Properties

  @Test func scoresAgreeWithTheTextbookOnRandomSongs() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<20 {
      let songs = RandomSongs.make(count: 7, frames: 1...40, using: &generator)
      for dimension in Dimension.allCases {
        let labels = songs.flatMap { $0.labels.map { Double(dimension.value(of: $0)) } }
        let predictions = songs.flatMap { $0.predictions.map { Double(dimension.value(of: $0)) } }
        let textbook = Textbook(labels, predictions)
        let scores = Scores(songs)[dimension]
        #expect(isNear(scores.rootMeanSquareError, textbook.rootMeanSquareError))
        #expect(isNear(scores.meanAbsoluteError, textbook.meanAbsoluteError))
        #expect(isNear(scores.meanAbsolutePercentageError, textbook.meanAbsolutePercentageError))
        #expect(isNear(scores.determination, textbook.determination))
        #expect(isNear(scores.correlation, textbook.correlation))
        #expect(isNear(scores.concordance, textbook.concordance))
        let means = songs.map { song in
          (
            song.labels.map { Double(dimension.value(of: $0)) }.reduce(0, +) / Double(song.labels.count),
            song.predictions.map { Double(dimension.value(of: $0)) }.reduce(0, +) / Double(song.labels.count)
          )
        }
        let ofMeans = Textbook(means.map(\.0), means.map(\.1))
        #expect(isNear(scores.songMeanCorrelation, ofMeans.correlation))
        #expect(isNear(scores.songMeanConcordance, ofMeans.concordance))
        #expect(isNear(scores.songMeanRootMeanSquareError, ofMeans.rootMeanSquareError))
        #expect(isNear(scores.songMeanDetermination, ofMeans.determination))
      }
    }
  }

  @Test func concordanceIsCorrelationIfMeansAndVariancesAgree() throws {
    let scores = valence([0, 0.5, -0.25, 0.75], [0.5, 0, -0.25, 0.75])
    let correlation = try #require(scores.correlation)
    #expect(correlation < 0.9)
    #expect(isNear(scores.concordance, correlation))
  }

  @Test func concordanceLosesByAShiftAndCorrelationDoesNot() throws {
    let labels: [Float] = [0, 0.25, 0.125, 0.5]
    let near = valence(labels, labels)
    let shifted = valence(labels, labels.map { $0 + 0.25 })
    let shrunk = valence(labels, labels.map { $0 / 2 })
    for scores in [near, shifted, shrunk] { #expect(isNear(scores.correlation, 1)) }
    #expect(isNear(near.concordance, 1) && isNear(near.determination, 1))
    let shiftedConcordance = try #require(shifted.concordance)
    let shrunkConcordance = try #require(shrunk.concordance)
    #expect(shiftedConcordance < 0.9 && shrunkConcordance < 0.9)
  }

  @Test func concordanceNeverExceedsCorrelation() throws {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<50 {
      let scores = Scores(RandomSongs.make(count: 3, frames: 2...10, using: &generator)).valence
      let correlation = try #require(scores.correlation)
      let concordance = try #require(scores.concordance)
      #expect(abs(correlation) <= 1 && abs(concordance) <= abs(correlation) + 1e-12)
      #expect(try #require(scores.determination) <= correlation * correlation + 1e-12)
      #expect(scores.meanAbsoluteError <= scores.rootMeanSquareError)
    }
  }

  @Test func theOrderOfSongsDoesNotMatter() {
    var generator = SeededGenerator(seed: 3)
    let songs = RandomSongs.make(count: 20, frames: 5...30, using: &generator)
    let forwards = Scores(songs)
    let backwards = Scores(songs.reversed())
    for dimension in Dimension.allCases {
      #expect(isNear(forwards[dimension].correlation, backwards[dimension].correlation ?? .nan))
      #expect(isNear(forwards[dimension].songMeanConcordance, backwards[dimension].songMeanConcordance ?? .nan))
      #expect(
        isNear(
          forwards[dimension].songRootMeanSquareError.mean, backwards[dimension].songRootMeanSquareError.mean))
    }
    #expect(forwards.quadrantAccuracy == backwards.quadrantAccuracy)
    #expect(isNear(forwards.quadrantMacroF1, backwards.quadrantMacroF1))
  }

  @Test func valuesThatLieCloseTogetherLoseNoDigits() {
    // Steps of 2⁻²² near 0.75: sums of squares alone would leave three digits.
    let step: Float = 0x1p-22
    let scores = valence([0.75, 0.75 + step, 0.75 + 2 * step], [-0.5, -0.5 + step, -0.5])
    #expect(isNear(scores.correlation, 0))
    let other = valence([0.75, 0.75 + step, 0.75 + 2 * step], [-0.5, -0.5, -0.5 + step])
    // Labels -1, 0, 1 and predictions -1/3, -1/3, 2/3: 1 / √(2 · 2/3).
    #expect(isNear(other.correlation, 3.0.squareRoot() / 2))
  }
}

/// The formulas as textbooks have them, with means first.
private struct Textbook {
  let rootMeanSquareError: Double
  let meanAbsoluteError: Double
  let meanAbsolutePercentageError: Double
  let determination: Double
  let correlation: Double
  let concordance: Double

  init(_ labels: [Double], _ predictions: [Double]) {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    func variance(_ values: [Double]) -> Double {
      let center = mean(values)
      return mean(values.map { ($0 - center) * ($0 - center) })
    }
    let errors = zip(labels, predictions).map { $1 - $0 }
    let covariance = mean(zip(labels, predictions).map { ($0 - mean(labels)) * ($1 - mean(predictions)) })
    let distance = mean(labels) - mean(predictions)
    rootMeanSquareError = mean(errors.map { $0 * $0 }).squareRoot()
    meanAbsoluteError = mean(errors.map { abs($0) })
    meanAbsolutePercentageError =
      100 * mean(zip(labels, errors).map { label, error in abs(error) / 2 / max(0.05, (label + 1) / 2) })
    determination = 1 - mean(errors.map { $0 * $0 }) / variance(labels)
    correlation = covariance / (variance(labels) * variance(predictions)).squareRoot()
    concordance = 2 * covariance / (variance(labels) + variance(predictions) + distance * distance)
  }
}
