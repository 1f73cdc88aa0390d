import Affect
import Platform
import Testing
import Training

@Suite struct PMEmoReaderTests {
  private let folder = try! DataSetFolder()  // no test here makes sense without it

  private func writeAll() throws {
    try folder.write(
      """
      musicId,frameTime,Arousal(mean),Valence(mean)
      4,15.5,0.25,0.75
      4,15.0,0.5,1
      1,15.0,0,0.5
      """, to: "annotations/dynamic_annotations.csv")
    try folder.write(
      "musicId,Arousal(mean),Valence(mean)\n1,0.25,0.75\n4,0.5,1.0\n5,1,0\n", to: "annotations/static_annotations.csv")
    try folder.write(
      "musicId,fileName,title,artist,album\n1,a.mp3,\"T, t\",Some One,x\n4,b.mp3,T,,x\n", to: "metadata.csv")
    try folder.writeAudio(["chorus/1.mp3", "chorus/4.mp3", "chorus/5.mp3"])
  }

  @Test func valuesFromZeroToOneAreDoubledAndShifted() throws {
    try writeAll()
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["1", "4", "5"])
    #expect(
      set.song("4")?.dynamicLabels == [
        TimedLabel(time: 15, affect: Affect(valence: 1, arousal: 0)),
        TimedLabel(time: 15.5, affect: Affect(valence: 0.5, arousal: -0.5)),
      ])
    #expect(set.song("1")?.staticLabel == Affect(valence: 0.5, arousal: -0.5))
    #expect(set.song("5")?.dynamicLabels == [])
    #expect(set.song("5")?.staticLabel == Affect(valence: -1, arousal: 1))
    #expect(set.songs.map(\.artist) == ["Some One", nil, nil])
    #expect(set.songs[0].audioPath == "\(folder.path)/chorus/1.mp3")
    #expect(set.notes.allSatisfy { $0.song == nil })
  }

  @Test func brokenRowsAreReportedAndTheRestGoesOn() throws {
    try writeAll()
    try folder.write(
      """
      musicId,frameTime,Arousal(mean),Valence(mean)
      1,15.0,0.5,0.5
      1,15.0,0.9,0.9
      1,later,0.5,0.5
      1,15.5,1.5,0.5
      1,16.0,nan,0.5
      2,15.0,0.5
      3,15.0,0.5,
      a/b,15.0,0.5,0.5
      5,15.0,0.5,0.5
      7,15.0,0.5,0.5
      """, to: "annotations/dynamic_annotations.csv")
    let set = try folder.read()
    #expect(set.song("1")?.dynamicLabels == [TimedLabel(time: 15, affect: .neutral)])
    #expect(set.song("5")?.dynamicLabels.count == 1)
    func says(_ song: String?, _ text: String) -> Bool { set.messages(song).contains { $0.contains(text) } }
    #expect(says("1", "1 of its rows have no usable time"))
    #expect(says("1", "arousal: '1.5' in line 5 is no number from 0.0 to 1.0, nor are 1 more"))
    #expect(says("1", "at a time that has one"))
    #expect(says("2", "line 7: has 3 fields, expected 4"))
    #expect(says("3", "has no valence over time"))
    #expect(says(nil, "'a/b', which is no file name"))
    #expect(says("7", "has labels, but no audio file"))
  }

  @Test func exchangedColumnsAreMendedHereToo() throws {
    var generator = SeededGenerator(seed: 4)
    let songs = (1...30).map { ($0, generator.uniform(), generator.uniform()) }
    try folder.write(
      "musicId,frameTime,Arousal(mean),Valence(mean)\n" + songs.map { "\($0.0),15,\($0.1),\($0.2)\n" }.joined(),
      to: "dynamic_annotations.csv")
    try folder.write(
      "musicId,Valence(mean),Arousal(mean)\n" + songs.map { "\($0.0),\($0.1),\($0.2)\n" }.joined(),
      to: "static_annotations.csv")
    try folder.writeAudio(songs.map { "chorus/\($0.0).mp3" })
    let set = try folder.read()
    #expect(set.messages(nil).contains { $0.contains("All 30 rows were put right") })
    #expect(set.songs.count == 30)
    #expect(set.songs.allSatisfy { $0.staticLabel == $0.dynamicLabels[0].affect })
  }
}
