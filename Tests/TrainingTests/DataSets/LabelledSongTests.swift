import Affect
import Testing
import Training

@Suite struct LabelledSongTests {
  private let song = LabelledSong(
    identifier: "7", audioPath: "/audio/7.wav", artist: "A",
    dynamicLabels: [0, 5, 10].map { TimedLabel(time: $0, affect: .neutral) },
    staticLabel: Affect(valence: 0.5, arousal: 0))

  @Test func labelsBeyondTheAudioAreDroppedAndReported() {
    let (checked, notes) = song.checked(audioSeconds: 7.129)
    #expect(checked.dynamicLabels.map(\.time) == [0, 5])
    #expect(checked.identifier == "7" && checked.artist == "A" && checked.staticLabel == song.staticLabel)
    #expect(
      notes.map(\.description) == [
        "song 7: 1 of its 3 labels lie outside its audio, which is 7.13 s long; they are left out"
      ])
  }

  @Test func aSongWhoseAudioHoldsAllLabelsIsLeftAlone() {
    let (checked, notes) = song.checked(audioSeconds: 10)
    #expect(checked == song)
    #expect(notes.isEmpty)
  }
}
