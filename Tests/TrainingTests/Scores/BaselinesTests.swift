import Affect
import Testing
import Training

@Suite struct BaselinesTests {
  private let songs = [
    ScoredSong(
      identifier: "a", labels: [Affect(valence: 0, arousal: 0.5), Affect(valence: 0.5, arousal: 1)],
      predictions: [.neutral, .neutral], confidences: [0.5, 0.5]),
    ScoredSong(identifier: "b", labels: [Affect(valence: -0.5, arousal: 0.25)], predictions: [.neutral]),
  ]

  @Test func theConstantMeanIsThatOfTheTrainingLabels() {
    let training = [
      Affect(valence: 1, arousal: 0), Affect(valence: 0, arousal: 0), Affect(valence: 0.5, arousal: 0.75),
    ]
    let baseline = Baselines.constantMean(of: training, for: songs)
    let mean = Affect(valence: 0.5, arousal: 0.25)
    #expect(baseline.map(\.predictions) == [[mean, mean], [mean]])
    #expect(baseline.map(\.labels) == songs.map(\.labels))
    #expect(baseline.map(\.identifier) == ["a", "b"])
    #expect(baseline.allSatisfy { $0.confidences == nil })
  }

  @Test func theOraclePredictsEachSongsOwnMean() {
    let baseline = Baselines.songMeanOracle(for: songs)
    let first = Affect(valence: 0.25, arousal: 0.75)
    #expect(baseline.map(\.predictions) == [[first, first], [Affect(valence: -0.5, arousal: 0.25)]])
    #expect(Scores(baseline).valence.songMeanRootMeanSquareError == 0)
  }

  @Test func theMeanOfTheSameLabelsExplainsNothing() {
    let baseline = Baselines.constantMean(of: songs.flatMap(\.labels), for: songs)
    let determination = Scores(baseline).valence.determination ?? .nan
    #expect(abs(determination) < 1e-9)
  }
}
