import Affect
import Testing
import Training

@Suite struct ReliabilityTableTests {
  @Test func theTableHasTheBinsAndTheSummary() throws {
    let songs = (0..<10).map { index in
      ScoredSong(
        identifier: "", labels: [.neutral, .neutral],
        predictions: [.neutral, Affect(valence: 0, arousal: index < 5 ? 1 : 0)],
        confidences: index < 5 ? [0.25, 0.5] : [0.625, 0.875])
    }
    let reliability = try #require(Reliability(songs))
    // Bins: 10 frames with the mean 0.375, half of them near; 10 with the mean 0.75, all near. Brier: the squares 9/16,
    // 1/4, 9/64 and 1/64, five times each, over 20.
    #expect(
      ReliabilityTable(reliability).lines == [
        "confidence    frames  songs   mean  observed",
        "0.25 to 0.50      10      5  0.375     0.500",
        "0.63 to 0.88      10      5  0.750     1.000",
        "",
        "both values within 0.25: 0.750 of all frames",
        "expected calibration error: 0.188",
        "Brier score: 0.242 (0.188 for the base rate alone)",
      ])
  }
}
