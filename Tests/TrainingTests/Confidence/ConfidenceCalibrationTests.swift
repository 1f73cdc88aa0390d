import Affect
import EmotionModel
import Glibc
import Platform
import Testing
import Training

@Suite struct ConfidenceCalibrationTests {
  // MARK: - The formula

  @Test func theIdentityGivesTheClaimedProbability() {
    let calibration = ConfidenceCalibration.identity
    // σ = 0.25: within one standard deviation lie 0.682689 of a normal distribution.
    let near = calibration.confidence(valenceDeviation: 0.25, arousalDeviation: 0.25)
    #expect(abs(near - 0.682689 * 0.682689) < 1e-5)
    // σ = 0.125: two standard deviations, 0.954500.
    let mixed = calibration.confidence(valenceDeviation: 0.125, arousalDeviation: 0.25)
    #expect(abs(mixed - 0.954500 * 0.682689) < 1e-5)
  }

  @Test func slopeAndOffsetActOnTheLogit() {
    // p = 0.682689², logit(p) = log(0.466065 / 0.533935) = -0.135957; 2 · that + 1 = 0.728086; its sigmoid is 0.674380.
    let calibration = ConfidenceCalibration(slope: 2, offset: 1)
    let confidence = calibration.confidence(valenceDeviation: 0.25, arousalDeviation: 0.25)
    #expect(abs(confidence - 0.674380) < 1e-5)
  }

  @Test func confidenceFallsWithEitherDeviation() {
    let calibration = ConfidenceCalibration(slope: 0.7, offset: -0.3)
    let deviations: [Float] = [0.1, 0.15, 0.2, 0.3, 0.5, 1]
    for (less, more) in zip(deviations, deviations.dropFirst()) {
      #expect(
        calibration.confidence(valenceDeviation: less, arousalDeviation: 0.2)
          > calibration.confidence(valenceDeviation: more, arousalDeviation: 0.2))
      #expect(
        calibration.confidence(valenceDeviation: 0.2, arousalDeviation: less)
          > calibration.confidence(valenceDeviation: 0.2, arousalDeviation: more))
    }
  }

  @Test func extremeClaimsAreClipped() {
    let calibration = ConfidenceCalibration.identity
    for deviation in [Float(0), .leastNonzeroMagnitude, 1e-6] {
      let confidence = calibration.confidence(valenceDeviation: deviation, arousalDeviation: deviation)
      #expect(abs(confidence - 0.9999) < 1e-6)
    }
    for deviation in [Float.greatestFiniteMagnitude, .infinity] {
      let confidence = calibration.confidence(valenceDeviation: deviation, arousalDeviation: 0.1)
      #expect(abs(confidence - 0.0001) < 1e-6)
    }
  }

  // MARK: - The fit

  /// Deviations around the errors that models have here, 0.16 to 0.2.
  private static let usualDeviations = 0.12...0.3
  /// From songs that a model knows to songs of which it knows nothing.
  private static let anyDeviations = 0.08...0.6

  /// The reliability on songs that the fit has not seen, with the claims as they are and calibrated.
  private func reliability(
    claim: Float, deviations: ClosedRange<Double>, seed: UInt64
  ) throws -> (claimed: Reliability, calibrated: Reliability) {
    var generator = SeededGenerator(seed: seed)
    let fit = ConfidenceCalibration.fit(Synthetic.songs(1500, claim: claim, deviations, using: &generator))
    #expect(!fit.isWithoutSlope)
    let fresh = Synthetic.songs(4000, claim: claim, deviations, using: &generator)
    return (
      try #require(Reliability(fresh.map { $0.scored(as: "", calibration: .identity) })),
      try #require(Reliability(fresh.map { $0.scored(as: "", calibration: fit.calibration) }))
    )
  }

  @Test(arguments: [Float(0.5), 1, 2])
  func wrongClaimsBecomeTrueProbabilities(claim: Float) throws {
    // The mean over draws of songs: a single one adds up to 0.005 by chance.
    var errors: [Double] = []
    for seed in UInt64(1)...6 {
      let (claimed, calibrated) = try reliability(claim: claim, deviations: Self.usualDeviations, seed: seed)
      errors.append(calibrated.expectedCalibrationError)
      #expect(calibrated.brierScore < calibrated.baseRateBrierScore)
      if claim != 1 {
        #expect(claimed.expectedCalibrationError > 0.1)
        #expect(calibrated.brierScore < claimed.brierScore)
      }
    }
    #expect(errors.reduce(0, +) / Double(errors.count) < 0.02)
  }

  // A logistic curve over the logit cannot undo a factor of the deviations exactly. With half the true deviations, over
  // so wide a range, the best curve for the exact probabilities is still off by 0.024.
  @Test(arguments: [Float(0.5), 1, 2])
  func claimsOfAWideRangeBecomeNearlyTrue(claim: Float) throws {
    let (claimed, calibrated) = try reliability(claim: claim, deviations: Self.anyDeviations, seed: 1)
    #expect(calibrated.expectedCalibrationError < 0.035)
    if claim != 1 { #expect(claimed.expectedCalibrationError > 0.1) }
  }

  @Test func calibrationKeepsTheRanking() throws {
    var generator = SeededGenerator(seed: 6)
    let songs = Synthetic.songs(300, claim: 0.5, using: &generator)
    let fit = ConfidenceCalibration.fit(songs)
    func ranking(_ calibration: ConfidenceCalibration) -> [Int] {
      // One frame of each song: the frames of a song have equal claims.
      let confidences = songs.compactMap { $0.scored(as: "", calibration: calibration).confidences?.first }
      return confidences.indices.sorted { (confidences[$0], $0) < (confidences[$1], $1) }
    }
    let claimed = ranking(.identity)
    #expect(claimed.count == 300)
    #expect(ranking(fit.calibration) == claimed)
  }

  @Test func theFitIsDeterministic() {
    var generator = SeededGenerator(seed: 7)
    let songs = Synthetic.songs(50, claim: 2, using: &generator)
    #expect(ConfidenceCalibration.fit(songs) == ConfidenceCalibration.fit(songs))
  }

  @Test func eachSongWeighsTheSame() {
    var generator = SeededGenerator(seed: 8)
    let songs = Synthetic.songs(40, claim: 1, using: &generator)
    let first = ConfidenceCalibration.fit(songs).calibration
    // The first song has each of its frames fifty times.
    let long = songs.enumerated().map { index, song in index == 0 ? song.repeated(50) : song }
    let second = ConfidenceCalibration.fit(long).calibration
    #expect(abs(first.slope - second.slope) < 1e-5 && abs(first.offset - second.offset) < 1e-5)
  }

  @Test func copiesWeighAsMuchAsSongsHoweverManyThereAre() {
    var generator = SeededGenerator(seed: 9)
    let songs = Synthetic.songs(40, claim: 1, using: &generator)
    let copies = Synthetic.songs(40, claim: 2, using: &generator)
    let together = ConfidenceCalibration.fit(songs + copies).calibration
    for count in [1, 5] {
      let fit = ConfidenceCalibration.fit(songs, copies: Array(repeating: copies, count: count).flatMap { $0 })
      #expect(abs(fit.calibration.slope - together.slope) < 1e-5)
      #expect(abs(fit.calibration.offset - together.offset) < 1e-5)
    }
    #expect(abs(ConfidenceCalibration.fit(songs).calibration.offset - together.offset) > 0.01)
  }

  @Test func claimsThatRankTheWrongWayRoundGiveTheBaseRate() {
    // 30 songs with small claims lie outside, 70 with large ones inside.
    let outside = Array(repeating: Synthetic.song(error: 0.5, deviation: 0.1), count: 30)
    let inside = Array(repeating: Synthetic.song(error: 0.1, deviation: 0.4), count: 70)
    let fit = ConfidenceCalibration.fit(outside + inside)
    #expect(fit.isWithoutSlope && fit.calibration.slope == 0)
    // With half a made-up song on either side: 70.5 of 101.
    let confidence = fit.calibration.confidence(valenceDeviation: 0.2, arousalDeviation: 0.3)
    #expect(abs(confidence - 70.5 / 101) < 1e-5)
  }

  @Test(arguments: [Float(0), 0.9], [Float(1e-9), 0.1, 0.3, 1e9])
  func oneSidedSongsGiveFiniteCalibrations(error: Float, deviation: Float) {
    let songs = Array(repeating: Synthetic.song(error: error, deviation: deviation), count: 20)
    let calibration = ConfidenceCalibration.fit(songs).calibration
    #expect(calibration.slope.isFinite && calibration.offset.isFinite)
    let confidence = calibration.confidence(valenceDeviation: deviation, arousalDeviation: deviation)
    // 20.5 or 0.5 of 21 songs, if the slope says nothing; it does a little.
    #expect(error == 0 ? (0.9...1).contains(confidence) : (0...0.1).contains(confidence))
  }

  @Test func claimsThatSeparateTheSongsGiveAModerateSlope() {
    let outside = Array(repeating: Synthetic.song(error: 0.5, deviation: 0.22), count: 10)
    let inside = Array(repeating: Synthetic.song(error: 0.1, deviation: 0.18), count: 10)
    let calibration = ConfidenceCalibration.fit(outside + inside).calibration
    #expect((1...10).contains(calibration.slope))
  }

  @Test func aSingleSongHardlyMovesTheSlope() {
    let calibration = ConfidenceCalibration.fit([Synthetic.song(error: 0.5, deviation: 0.2)]).calibration
    #expect((0.5...1.5).contains(calibration.slope))
    #expect(abs(calibration.offset) < 3)
  }
}

/// Songs whose errors are normal, with a deviation that is known and a claim that may be wrong.
private enum Synthetic {
  /// Songs of ten frames with independent errors, and true deviations spread evenly over a range.
  ///
  /// - Parameter claim: the claimed deviations as a multiple of the true ones.
  static func songs(
    _ count: Int, claim: Float, _ deviations: ClosedRange<Double> = 0.08...0.6,
    using generator: inout SeededGenerator
  ) -> [UncertainSong] {
    let width = deviations.upperBound - deviations.lowerBound
    return (0..<count).map { _ in
      let valence = Float(deviations.lowerBound + width * generator.uniform())
      let arousal = Float(deviations.lowerBound + width * generator.uniform())
      let predictions = (0..<10).map { _ in
        Affect(valence: valence * normal(using: &generator), arousal: arousal * normal(using: &generator))
      }
      return UncertainSong(
        labels: Array(repeating: .neutral, count: 10), predictions: predictions,
        valenceDeviations: Array(repeating: valence * claim, count: 10),
        arousalDeviations: Array(repeating: arousal * claim, count: 10))
    }
  }

  /// A song of three frames with this error in both dimensions.
  static func song(error: Float, deviation: Float) -> UncertainSong {
    UncertainSong(
      labels: Array(repeating: .neutral, count: 3),
      predictions: Array(repeating: Affect(valence: error, arousal: -error), count: 3),
      valenceDeviations: Array(repeating: deviation, count: 3),
      arousalDeviations: Array(repeating: deviation, count: 3))
  }

  /// A number from the standard normal distribution (Box and Muller, "A note on the generation of random normal
  /// deviates", 1958).
  private static func normal(using generator: inout SeededGenerator) -> Float {
    let radius = (-2 * log(1 - generator.uniform())).squareRoot()
    return Float(radius * cos(2 * Double.pi * generator.uniform()))
  }
}

extension UncertainSong {
  /// The song with each frame this many times.
  fileprivate func repeated(_ count: Int) -> UncertainSong {
    func repeated<Value>(_ values: [Value]) -> [Value] { Array(repeating: values, count: count).flatMap { $0 } }
    return UncertainSong(
      labels: repeated(labels), predictions: repeated(predictions), valenceDeviations: repeated(valenceDeviations),
      arousalDeviations: repeated(arousalDeviations))
  }
}
