import Foundation
import Platform
import Testing
import Training

@Suite struct DataSetReaderTests {
  private let folder = try! DataSetFolder()  // no test here makes sense without it

  @Test func whatIsNoFolderIsRefused() throws {
    try folder.write("", to: "file")
    for path in ["\(folder.path)/none", "\(folder.path)/file"] {
      let error = #expect(throws: Failure.self) { try DataSetReader.read(path) }
      #expect(error?.code == .noInput)
      #expect(error?.description.hasPrefix(path) == true)
    }
  }

  @Test func aFolderOfNoLayoutIsToldWhatIsLookedFor() throws {
    try folder.writeAudio(["audio/1.wav"])
    let error = try #require(folder.readingError())
    #expect(error.code == .invalidData)
    #expect(DataSetLayout.allCases.allSatisfy { error.description.contains("\($0.rawValue): ") })
  }

  @Test func twoDataSetsInOneFolderHaveToBeToldApart() throws {
    try folder.write("song_id,valence_mean,arousal_mean\n1,5,5\n", to: "a/static_annotations_averaged_songs_1_2000.csv")
    try folder.write("musicId,Valence(mean),Arousal(mean)\n2,0.5,0.5\n", to: "b/static_annotations.csv")
    try folder.writeAudio(["a/MEMD_audio/1.mp3", "b/chorus/2.mp3"])
    #expect(folder.readingError()?.code == .invalidData)
    #expect(try folder.read(only: .deam).songs.map(\.identifier) == ["1"])
    #expect(try folder.read(only: .pmemo).songs.map(\.identifier) == ["2"])
  }

  @Test func theLayoutThatIsAskedForIsLookedForAlone() throws {
    try folder.write("song_id,valence_mean,arousal_mean\n1,5,5\n", to: "static.csv")
    try folder.writeAudio(["audio/1.wav"])
    #expect(try folder.read().songs.count == 1)
    let error = try #require(folder.readingError(only: .pmemo))
    #expect(error.code == .invalidData)
    #expect(error.description.contains("chorus/<id>.mp3"))
  }

  @Test func songsAreSortedAsNumbers() throws {
    let songs = ["10", "b", "9", "a1", "100"]
    try folder.write(
      "song_id,valence_mean,arousal_mean\n" + songs.map { "\($0),5,5\n" }.joined(), to: "static.csv")
    try folder.writeAudio(songs.map { "audio/\($0).wav" })
    #expect(try folder.read().songs.map(\.identifier) == ["9", "10", "100", "a1", "b"])
  }

  @Test func linksToFoldersAreFollowedButNotInCircles() throws {
    try folder.write("song_id,valence_mean,arousal_mean\n1,5,5\n", to: "static_annotations_averaged_songs_1_2000.csv")
    let elsewhere = try DataSetFolder()
    try elsewhere.writeAudio(["clips/1.mp3"])
    let manager = FileManager.default
    try manager.createSymbolicLink(
      atPath: "\(folder.path)/MEMD_audio", withDestinationPath: "\(elsewhere.path)/clips")
    try manager.createSymbolicLink(atPath: "\(folder.path)/circle", withDestinationPath: folder.path)
    #expect(try folder.read().songs.map(\.audioPath) == ["\(folder.path)/MEMD_audio/1.mp3"])
  }

  @Test func notesNameTheirSong() {
    #expect(DataSetNote(song: "5", message: "is odd").description == "song 5: is odd")
    #expect(DataSetNote(song: nil, message: "is odd").description == "is odd")
  }
}
