import Affect
import FoundationEssentials
import Testing
import Training

@Suite struct ReliabilityTests {
  /// A song with these confidences, of which the first `inside` frames meet the target.
  private func song(_ confidences: [Float], inside: Int) -> ScoredSong {
    ScoredSong(
      identifier: "", labels: Array(repeating: .neutral, count: confidences.count),
      predictions: confidences.indices.map { Affect(valence: $0 < inside ? 0.2 : 0.3, arousal: 0) },
      confidences: confidences)
  }

  @Test func theTargetIsThatBothValuesAreNear() {
    let label = Affect(valence: 0.5, arousal: -0.5)
    #expect(ConfidenceTarget.isMet(by: Affect(valence: 0.75, arousal: -0.75), label: label))
    #expect(ConfidenceTarget.isMet(by: Affect(valence: 0.25, arousal: -0.25), label: label))
    #expect(!ConfidenceTarget.isMet(by: Affect(valence: 0.76, arousal: -0.5), label: label))
    #expect(!ConfidenceTarget.isMet(by: Affect(valence: 0.5, arousal: -0.24), label: label))
  }

  @Test func fewSongsShareABin() throws {
    let reliability = try #require(Reliability([song([0.25, 0.75], inside: 1), song([0.5, 1], inside: 2)]))
    #expect(reliability.bins.count == 1)
    let bin = reliability.bins[0]
    #expect(bin.range == 0.25...1 && bin.frameCount == 4 && bin.songCount == 2)
    #expect(bin.meanConfidence == 0.625 && bin.observedShare == 0.75)
    #expect(reliability.expectedCalibrationError == 0.125)
    // Squares of 0.25 - 1, 0.75 - 0, 0.5 - 1, 1 - 1: 9/16 + 9/16 + 4/16 + 0, over 4.
    #expect(reliability.brierScore == 22.0 / 64)
    #expect(reliability.baseRate == 0.75 && reliability.baseRateBrierScore == 0.1875)
  }

  @Test func binsHoldEquallyManyFrames() throws {
    // 20 songs make four bins; song k has the confidences k / 32 and k / 32 + 1/64, all in vain.
    let songs = (0..<20).map { song([Float($0) / 32, Float($0) / 32 + 1 / 64], inside: 0) }
    let reliability = try #require(Reliability(songs))
    #expect(reliability.bins.map(\.frameCount) == [10, 10, 10, 10])
    #expect(reliability.bins.map(\.songCount) == [5, 5, 5, 5])
    // 0, 10, 20 and 30 times 1/64, and 9, 19, 29 and 39 times.
    #expect(reliability.bins.map(\.range.lowerBound) == [0, 0.15625, 0.3125, 0.46875])
    #expect(reliability.bins.map(\.range.upperBound) == [0.140625, 0.296875, 0.453125, 0.609375])
    // The confidences are 0 to 39 times 1/64, their mean is 39/128, and nothing was met.
    #expect(abs(reliability.expectedCalibrationError - 39.0 / 128) < 1e-12)
  }

  @Test func aBinsErrorDoesNotMakeUpForAnothers() throws {
    // Ten songs make two bins: 0.25 where all is met, 0.75 where nothing is. On average all is well.
    let songs = (0..<10).map { $0 < 5 ? song([0.25, 0.25], inside: 2) : song([0.75, 0.75], inside: 0) }
    let reliability = try #require(Reliability(songs))
    #expect(reliability.bins.count == 2 && reliability.baseRate == 0.5)
    #expect(reliability.expectedCalibrationError == 0.75)
  }

  @Test func thereAreTenBinsAtMost() throws {
    let songs = (0..<200).map { song([Float($0) / 256], inside: 1) }
    #expect(try #require(Reliability(songs)).bins.map(\.frameCount) == Array(repeating: 20, count: 10))
  }

  @Test func equalConfidencesShareABin() throws {
    let constant = (0..<50).map { _ in song([0.5, 0.5], inside: 1) }
    let reliability = try #require(Reliability(constant))
    #expect(reliability.bins.count == 1 && reliability.bins[0].frameCount == 100)
    #expect(reliability.expectedCalibrationError == 0)
    // A few lower ones: the first bin takes in all of the equal ones.
    let mixed = try #require(Reliability(constant + [song([0.25], inside: 0)]))
    #expect(mixed.bins.map(\.frameCount).reduce(0, +) == 101)
    for (lower, upper) in zip(mixed.bins, mixed.bins.dropFirst()) {
      #expect(lower.range.upperBound < upper.range.lowerBound)
    }
  }

  @Test func songsWithoutConfidencesAreLeftOut() throws {
    let without = ScoredSong(identifier: "", labels: [.neutral], predictions: [.neutral])
    #expect(Reliability([without]) == nil && Reliability([]) == nil)
    let some = try #require(Reliability([without, song([0.5], inside: 0)]))
    #expect(some.bins.map(\.frameCount) == [1] && some.baseRate == 0)
  }

  @Test func theJSONHasTheBins() throws {
    let reliability = try #require(Reliability([song([0.25, 0.75], inside: 1)]))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = String(decoding: try encoder.encode(reliability), as: UTF8.self)
    #expect(
      json == """
        {"base_rate":0.5,"base_rate_brier_score":0.25,"bins":[{"frames":2,"lower":0.25,"mean_confidence":0.5,\
        "observed_share":0.5,"songs":1,"upper":0.75}],"brier_score":0.5625,"expected_calibration_error":0}
        """)
  }
}
