import Affect
import Platform
import Testing
import Training

@Suite struct QuadrantsReaderTests {
  private let folder = try! DataSetFolder()  // no test here makes sense without it

  /// 4QAED as it is published, but for most of its songs.
  private func writeAll() throws {
    try folder.writeAudio([
      "Q1/MT0000000001.mp3", "Q2/MT0000000002.mp3", "Q2/MT0000000005.mp3", "Q3/MT0000000003.mp3", "Q4/MT0000000004.mp3",
    ])
    try folder.write(
      """
      Song,Artist,Title,Quadrant,PQuad
      MT0000000001,"Some,  One",T,Q1,0.9
      MT0000000002,Else,T,Q2,0.8
      MT0000000003,,T,Q3,0.8
      MT0000000004,ELSE,T,4,0.8
      MT0000000005,Third,T,q2,0.8
      """, to: "panda_dataset_taffc_metadata.csv")
  }

  @Test func theFolderIsTheQuadrantAndTheTableNamesTheArtist() throws {
    try writeAll()
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == (1...5).map { "MT000000000\($0)" })
    #expect(set.songs.map(\.quadrant) == [.one, .two, .three, .four, .two])
    #expect(set.songs.map(\.artist) == ["Some, One", "Else", nil, "ELSE", "Third"])
    #expect(set.songs[2].audioPath == "\(folder.path)/Q3/MT0000000003.mp3")
    #expect(set.songs.allSatisfy { $0.dynamicLabels.isEmpty && $0.staticLabel == nil })
    #expect(set.notes.isEmpty, "\(set.notes)")
  }

  @Test func foldersMayBeWrittenSmallAndTablesAreNotNeeded() throws {
    try folder.writeAudio(["q1/a.wav", "Q2/b.flac", "q3/c.ogg", "Q4/d.opus", "Q1/e.mp3", "other/f.mp3", "Q5/g.mp3"])
    try folder.writeAudio(["deeper/Q2/h.mp3", "i.mp3", "Q2/notes.txt"])
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["a", "b", "c", "d", "e"])
    #expect(set.songs.map(\.quadrant) == [.one, .two, .three, .four, .one])
    #expect(set.messages(nil) == ["no table names the artists: each song counts as an artist of its own"])
  }

  @Test func aTableThatContradictsTheFolderIsToldAndTheFolderStays() throws {
    try writeAll()
    try folder.write(
      "song_id,quadrant,artist\nMT0000000001,3,Other\nMT0000000002,2,Else\nMT0000000003,sad,Late\n", to: "z.csv")
    let set = try folder.read()
    #expect(set.song("MT0000000001")?.quadrant == .one && set.song("MT0000000003")?.quadrant == .three)
    #expect(
      set.messages("MT0000000001") == ["z.csv, line 2: quadrant is '3', but the song lies in Q1, which stays"])
    #expect(set.messages("MT0000000002").isEmpty)
    #expect(set.messages("MT0000000003") == ["z.csv, line 4: quadrant is 'sad', but the song lies in Q3, which stays"])
    // The first table that names an artist counts.
    #expect(set.song("MT0000000001")?.artist == "Some, One" && set.song("MT0000000003")?.artist == "Late")
  }

  @Test func aSongInTwoFoldersIsLeftOutAndToldOnce() throws {
    try writeAll()
    try folder.writeAudio(["Q4/MT0000000001.mp3"])
    let set = try folder.read()
    #expect(set.song("MT0000000001") == nil && set.songs.count == 4)
    #expect(set.messages("MT0000000001") == ["lies in Q1 and Q4: its quadrant is not known; left out"])
  }

  @Test func aSongTwiceInItsFolderIsTakenOnce() throws {
    try writeAll()
    try folder.writeAudio(["Q1/MT0000000001.wav"])
    let set = try folder.read()
    #expect(set.song("MT0000000001")?.audioPath == "\(folder.path)/Q1/MT0000000001.wav")
    #expect(set.messages("MT0000000001").contains { $0.contains("several audio files") })
  }

  @Test func songsWithoutAudioAreTold() throws {
    try writeAll()
    try folder.write("Song,Quadrant\nMT0000000009,Q1\nMT0000000008\n", to: "annotations.csv")
    try folder.write("", to: "Q3/MT0000000003.mp3")
    let set = try folder.read()
    #expect(set.messages("MT0000000009") == ["is in annotations.csv, but has no audio file in Q1 to Q4"])
    #expect(set.messages("MT0000000008") == ["annotations.csv, line 3: has 1 fields, expected 2; the row is left out"])
    #expect(set.messages("MT0000000003").contains { $0.contains("MT0000000003.mp3 is empty") })
    #expect(set.songs.count == 4)
  }

  @Test func emptyFoldersAndTablesOfOtherThingsAreTold() throws {
    try folder.writeAudio(["Q1/a.wav", "Q2/b.wav"])
    try folder.write("no audio", to: "Q3/readme.txt")
    try folder.write("Feature;Name\nF1;Loudness\n", to: "features.csv")
    let notes = try folder.read().messages(nil)
    for number in [3, 4] {
      #expect(notes.contains("there is no audio in a folder Q\(number): no song of quadrant \(number) is known"))
    }
    #expect(!notes.contains { $0.contains("folder Q1") })
    #expect(notes.contains { $0.hasPrefix("features.csv: has no columns 'Song' and 'Artist'") }, "\(notes)")
  }

  @Test func withoutAudioNothingIsRead() throws {
    try folder.write("Song,Artist,Quadrant\na,A,Q1\n", to: "metadata.csv")
    try folder.write("", to: "Q1/readme.txt")
    let unknown = try #require(folder.readingError())
    #expect(unknown.description.contains("like no data set that is known"))
    let error = try #require(folder.readingError(only: .quadrants))
    #expect(error.code == .invalidData)
    for text in ["no song has both audio and labels", "Q1/<id>", "there is no audio in a folder Q1"] {
      #expect(error.description.contains(text), "\(error)")
    }
  }

  @Test func songsOfAnotherSpellingAreMatched() throws {
    try folder.writeAudio(["Q1/0001.mp3", "Q2/2.mp3", "Q3/3.mp3", "Q4/4.mp3"])
    try folder.write("Song,Artist\n1.0,A\nQ2/2.mp3,B\n03,C\n4,D\n", to: "metadata.csv")
    let set = try folder.read()
    #expect(set.songs.map(\.artist) == ["A", "B", "C", "D"])
  }

  @Test func aPlainFolderWithQuadrantsStaysOne() throws {
    try folder.writeAudio(["audio/a.wav", "Q2/a.wav"])
    try folder.write("song_id,quadrant\na,1\n", to: "quadrants.csv")
    #expect(try folder.read().songs.map(\.audioPath) == ["\(folder.path)/audio/a.wav"])
    #expect(try folder.read(only: .quadrants).song("a")?.quadrant == .two)
  }

  @Test func quadrantsBesideAnotherDataSetHaveToBeToldApart() throws {
    try writeAll()
    try folder.write("musicId,Valence(mean),Arousal(mean)\n2,0.5,0.5\n", to: "b/static_annotations.csv")
    try folder.writeAudio(["b/chorus/2.mp3"])
    let error = try #require(folder.readingError())
    #expect(error.code == .invalidData && error.description.contains("pmemo, quadrants"))
    #expect(try folder.read(only: .quadrants).songs.count == 5)
  }
}
