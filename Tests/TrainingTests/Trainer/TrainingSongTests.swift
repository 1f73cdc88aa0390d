import Affect
import Testing
import Training

@Suite struct TrainingSongTests {
  private func song(labels: [(Double, Float)], staticLabel: Affect? = nil) -> LabelledSong {
    LabelledSong(
      identifier: "1", audioPath: "1.wav", artist: nil,
      dynamicLabels: labels.map { TimedLabel(time: $0, affect: Affect(valence: $1, arousal: 0)) },
      staticLabel: staticLabel)
  }

  @Test func aTickTakesTheNearestLabelWithinAQuarterSecond() {
    let song = song(labels: [(1, 0.1), (1.5, 0.2), (3, 0.3)])
    let labels = TrainingSong.labels(of: song, at: [0.5, 0.8, 1.2, 1.3, 1.5, 2, 2.8, 3.3], shift: 0)
    #expect(labels.map { $0?.valence } == [nil, 0.1, 0.1, 0.2, 0.2, nil, 0.3, nil])
  }

  @Test func theShiftTakesTheLabelThatIsGivenSoMuchLater() {
    let song = song(labels: [(1, 0.1), (2, 0.2), (3, 0.3)])
    #expect(TrainingSong.labels(of: song, at: [1, 2, 3], shift: 1).map { $0?.valence } == [0.2, 0.3, nil])
  }

  @Test func aStaticLabelStandsForTheWholeSongIfThereIsNoOther() throws {
    let label = Affect(valence: 0.5, arousal: -0.5)
    let alone = song(labels: [], staticLabel: label)
    let taken = try #require(TrainingSong(alone, times: [3.5, 4], staticWeight: 0.25))
    #expect(taken.labels == [label, label] && taken.weight == 0.25 && taken.isStatic)
    #expect(TrainingSong(alone, times: [3.5, 4], staticWeight: 0) == nil)

    let both = try #require(
      TrainingSong(song(labels: [(4, 0.1)], staticLabel: label), times: [3.5, 4], staticWeight: 1))
    #expect(both.labels.map { $0?.valence } == [nil, 0.1] && both.weight == 1 && !both.isStatic)
  }

  @Test func aQuadrantStandsForTheWholeSongIfThereIsNothingElse() throws {
    func song(_ quadrant: Quadrant, staticLabel: Affect? = nil) -> LabelledSong {
      LabelledSong(
        identifier: "1", audioPath: "1.wav", artist: nil, dynamicLabels: [], staticLabel: staticLabel,
        quadrant: quadrant)
    }
    let taken = try #require(TrainingSong(song(.two), times: [3.5, 4], quadrantWeight: 0.2))
    #expect(taken.isQuadrant && taken.weight == 0.2)
    #expect(taken.labels == [Affect(valence: -1, arousal: 1), Affect(valence: -1, arousal: 1)])
    #expect(TrainingSong(song(.four), times: [4], quadrantWeight: 1)?.labels == [Affect(valence: 1, arousal: -1)])
    #expect(TrainingSong(song(.one), times: [4]) == nil)
    let rated = try #require(
      TrainingSong(song(.one, staticLabel: .neutral), times: [4], staticWeight: 0.5, quadrantWeight: 0.2))
    #expect(!rated.isQuadrant && rated.labels == [.neutral])
  }

  @Test func aSongWithoutALabelAtAnyTickIsNone() {
    #expect(TrainingSong(song(labels: [(9, 0.1)]), times: [3.5, 4]) == nil)
    #expect(TrainingSong(song(labels: [(9, 0.1)]), times: []) == nil)
  }

  @Test func theMeanLabelIsThatOfTheTicks() throws {
    let song = try #require(TrainingSong(song(labels: [(1, 0.1), (2, 0.4)]), times: [1, 1.5, 2]))
    #expect(abs(song.meanLabel.valence - 0.25) < 1e-6)
  }
}
