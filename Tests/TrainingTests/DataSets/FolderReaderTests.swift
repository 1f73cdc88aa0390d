import Affect
import Foundation
import Platform
import Testing
import Training

@Suite struct FolderReaderTests {
  private let folder = try! DataSetFolder()  // no test here makes sense without it

  /// Three labels each, at 15, 15.5 and 16 s of the clip.
  private func writeLabels(_ songs: [Int], valence: Double = 0.5, arousal: Double = -0.25) throws {
    let rows = { (value: Double) in songs.map { (song: $0, values: [value, value, value]) } }
    try folder.write(DataSetFolder.wideTable(rows(valence)), to: "dynamic_valence.csv")
    try folder.write(DataSetFolder.wideTable(rows(arousal)), to: "dynamic_arousal.csv")
  }

  @Test func labelsCountFromTheBeginningOfTheExcerpt() throws {
    try writeLabels([2, 10])
    try folder.write(
      """
      song_id,artist,excerpt_start_s,excerpt_end_s,has_dynamic
      2,"Somebody,  Else",15.25,16,1
      10,,10,40,1
      """, to: "songs.csv")
    try folder.writeAudio(["audio/2.opus", "audio/10.wav"])
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["2", "10"])
    #expect(set.songs.map(\.artist) == ["Somebody, Else", nil])
    #expect(set.songs[0].audioPath == "\(folder.path)/audio/2.opus")
    #expect(set.songs[0].dynamicLabels.map(\.time) == [0.25, 0.75])
    #expect(set.songs[1].dynamicLabels.map(\.time) == [5, 5.5, 6])
    #expect(set.songs[1].dynamicLabels.allSatisfy { $0.affect == Affect(valence: 0.5, arousal: -0.25) })
    #expect(set.songs.allSatisfy { $0.staticLabel == nil })
    #expect(set.notes.isEmpty)
    #expect(folder.path.hasSuffix("/\(set.name)"))
  }

  @Test func withoutATableOfSongsTheAudioIsTheClip() throws {
    try writeLabels([1])
    try folder.writeAudio(["audio/1.FLAC"])
    let set = try folder.read()
    #expect(set.song("1")?.dynamicLabels.map(\.time) == [15, 15.5, 16])
    #expect(set.song("1")?.artist == nil)
  }

  @Test func aFolderMayHoldQuadrantsAlone() throws {
    try folder.write(
      "song_id,quadrant,artist\na,1,Somebody\nb,Q3,\nc,5,Else\nd,,Else\n", to: "quadrants.csv")
    try folder.writeAudio(["audio/a.opus", "audio/b.opus", "audio/c.opus", "audio/d.opus"])
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["a", "b"])
    #expect(set.songs.map(\.quadrant) == [.one, .three])
    #expect(set.songs.map(\.artist) == ["Somebody", nil])
    #expect(set.songs.allSatisfy { $0.staticLabel == nil && $0.dynamicLabels.isEmpty })
    #expect(set.messages("c").contains { $0.contains("quadrants.csv, line 4: quadrant is '5'") }, "\(set.notes)")
    #expect(set.messages("d").contains { $0.contains("expected a number from 1 to 4") }, "\(set.notes)")
  }

  /// As pandas, spreadsheets and people write them.
  @Test(arguments: ["1.0", "0001", "1.wav", "audio/1.wav", "audio/0001.WAV"])
  func aSongIsFoundByOtherSpellings(_ spelling: String) throws {
    try writeLabels([1, 2])
    try folder.write("song_id,artist\n\(spelling),Somebody\n2,Else\n", to: "songs.csv")
    try folder.writeAudio(["audio/1.wav", "audio/2.wav"])
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["1", "2"])
    #expect(set.songs.map(\.artist) == ["Somebody", "Else"])
    #expect(set.notes.count == 1 && set.notes[0].message.contains("'\(spelling)' is 1"), "\(set.notes)")
  }

  @Test func theFilesMayHaveTheOtherSpelling() throws {
    try writeLabels([1, 12])
    try folder.writeAudio(["audio/0001.wav", "audio/0012.wav"])
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["0001", "0012"])
    #expect(set.songs.allSatisfy { $0.dynamicLabels.count == 3 })
  }

  /// The name of a file need not be UTF-8, and neither need the table: é is one byte in Latin-1.
  @Test func aNameInLatin1IsFound() throws {
    var table = Data("song_id,valence_mean,arousal_mean\ncaf".utf8)
    table += [0xE9] + Data(",5,3\nplain,1,9\n".utf8)
    try folder.write(table, to: "static.csv")
    try folder.writeAudio(["audio/café.mp3", "audio/plain.mp3"])
    #expect(try folder.read().songs.map(\.identifier) == ["café", "plain"])
  }

  @Test func ofTwoFilesThatCouldBeMeantNeitherIsTaken() throws {
    try folder.write("song_id,valence_mean,arousal_mean\n1.0,5,3\n2,1,9\n", to: "static.csv")
    try folder.writeAudio(["audio/1.mp3", "audio/01.mp3", "audio/2.mp3"])
    #expect(try folder.read().songs.map(\.identifier) == ["2"])
  }

  @Test func namesThatAreNoNumbersStayAsTheyAre() throws {
    try folder.write("song_id,valence_mean,arousal_mean\n1.5,5,3\nv1.0,1,9\n007b,2,2\n", to: "static.csv")
    try folder.writeAudio(["audio/1.5.mp3", "audio/v1.0.mp3", "audio/007b.mp3"])
    #expect(try Set(folder.read().songs.map(\.identifier)) == ["1.5", "v1.0", "007b"])
  }

  @Test func staticLabelsAloneAreMappedByDEAMsLines() throws {
    try folder.write("song_id,valence_mean,arousal_mean\n1,5,3\nb,1,9\n", to: "static.csv")
    try folder.writeAudio(["audio/1.mp3", "audio/b.mp3"])
    let set = try folder.read()
    let label = try #require(set.song("1")?.staticLabel)
    #expect(abs(label.valence - 0.041) < 1e-6 && abs(label.arousal + 0.334) < 1e-6)
    #expect(set.songs.map(\.identifier) == ["1", "b"])
    #expect(set.songs.allSatisfy { $0.dynamicLabels.isEmpty })
    #expect(set.messages(nil).contains { $0.contains("could not be checked for 2 of 2 songs") })
    #expect(set.messages(nil).contains { $0.contains("valence 0.184 s - 0.879, arousal 0.204 s - 0.946 (DEAM's") })
  }

  @Test func theScaleIsFittedToSongsWithBothKindsOfLabel() throws {
    // Labels over time lie on the lines v = 0.1 s - 0.5 and a = 0.15 s - 0.7.
    var generator = SeededGenerator(seed: 3)
    let ratings = (1...25).map { ($0, 1 + 8 * generator.uniform(), 1 + 8 * generator.uniform()) }
    try folder.write(
      DataSetFolder.wideTable(ratings.map { ($0.0, [0.1 * $0.1 - 0.6, 0.1 * $0.1 - 0.4]) }), to: "dynamic_valence.csv")
    try folder.write(
      DataSetFolder.wideTable(ratings.map { ($0.0, [0.15 * $0.2 - 0.6, 0.15 * $0.2 - 0.8]) }), to: "dynamic_arousal.csv"
    )
    let rows = ratings.map { "\($0.0),\($0.1),\($0.2)\n" }.joined()
    try folder.write("song_id,valence_mean,arousal_mean\n\(rows)1500,2,8\n", to: "static.csv")
    try folder.writeAudio((ratings.map(\.0) + [1500]).map { "audio/\($0).wav" })
    let set = try folder.read()
    let label = try #require(set.song("1500")?.staticLabel)
    #expect(abs(label.valence + 0.3) < 1e-5 && abs(label.arousal - 0.5) < 1e-5)
    #expect(
      set.messages(nil).contains {
        $0.contains("valence 0.100 s - 0.500, arousal 0.150 s - 0.700 (fitted to the 25 songs")
      })
  }

  @Test func whatIsWrongWithASongIsReportedAndTheRestGoesOn() throws {
    try folder.write(
      """
      song_id,sample_15000ms,sample_15500ms,sample_16000ms
      1,0.1,0.2,0.3
      2,0.1,NaN,x
      3,0.1,0.2
      4,,,
      5,0.1,,0.3
      6,1.5,0.2,0.3
      7,0.1,0.2,0.3
      1,0.9,0.9,0.9
      ../secret,0.1,0.1,0.1
      ,0.1,0.1,0.1
      8,0.1,0.1,0.1
      9,0.1,0.1,0.1
      """, to: "dynamic_valence.csv")
    try folder.write(
      DataSetFolder.wideTable([1, 2, 3, 4, 5, 6, 9].map { ($0, [0, 0, 0]) }), to: "dynamic_arousal.csv")
    try folder.write("secret", to: "secret.wav")
    try folder.writeAudio((1...8).map { "audio/\($0).wav" } + ["audio/30.wav"])
    try folder.write("", to: "audio/9.wav")
    let set = try folder.read()

    #expect(set.songs.map(\.identifier) == ["1", "2", "5", "6"])
    #expect(set.song("1")?.dynamicLabels.map(\.affect.valence) == [0.1, 0.2, 0.3])
    #expect(set.song("2")?.dynamicLabels.map(\.time) == [15])
    #expect(set.song("5")?.dynamicLabels.map(\.time) == [15, 16])
    #expect(set.song("6")?.dynamicLabels.map(\.time) == [15.5, 16])
    func says(_ song: String?, _ text: String) -> Bool { set.messages(song).contains { $0.contains(text) } }
    #expect(says("1", "dynamic_valence.csv, line 9: the song is in line 2 already; the first row stays"))
    #expect(says("2", "'NaN' in line 3 is no number from -1.0 to 1.0, nor are 1 more"))
    #expect(says("3", "dynamic_valence.csv, line 4: has 3 fields, expected 4"))
    #expect(says("3", "has no valence over time"))
    #expect(says("4", "has no valence over time"))
    #expect(says("5", "1 moments have only one of valence and arousal"))
    #expect(says("6", "'1.5' in line 7"))
    #expect(says("7", "has no arousal over time"))
    #expect(says("9", "has labels, but its audio file 9.wav is empty"))
    #expect(says(nil, "line 10: has the song identifier '../secret', which is no file name"))
    #expect(says(nil, "line 11: has no song identifier"))
    #expect(says(nil, "audio files have no labels (3, 4, 7, 8, 30)"))
  }

  @Test func missingAudioIsReported() throws {
    try writeLabels([1, 2])
    try folder.writeAudio(["audio/1.wav", "elsewhere/2.wav", "2.wav", "audio/2.txt"])
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["1"])
    #expect(set.messages("2") == ["has labels, but no audio file"])
  }

  @Test func ofSeveralAudioFilesTheLosslessIsTaken() throws {
    try writeLabels([1])
    try folder.writeAudio(["audio/1.mp3", "audio/1.flac", "audio/1.ogg"])
    let set = try folder.read()
    #expect(set.songs.map(\.audioPath) == ["\(folder.path)/audio/1.flac"])
    #expect(set.messages("1").count == 1)
  }

  @Test func aSongWhoseLabelsAllLieOutsideItsExcerptKeepsItsStaticOne() throws {
    try writeLabels([1, 2, 3])
    try folder.write("song_id,excerpt_start_s,excerpt_end_s\n1,20,30\n2,9,x\n", to: "songs.csv")
    try folder.write("song_id,valence_mean,arousal_mean\n1,5,5\n2,5,0.5\n3,5,5\n", to: "static.csv")
    try folder.writeAudio(["audio/1.wav", "audio/2.wav", "audio/3.wav"])
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["1", "3"])
    #expect(set.songs.allSatisfy { $0.dynamicLabels.isEmpty && $0.staticLabel != nil })
    #expect(set.messages("1") == ["all of its 3 labels over time lie outside its excerpt"])
    #expect(set.messages("2").contains { $0.contains("'9' to 'x' is no excerpt") })
    #expect(set.messages("2").contains { $0.contains("arousal is '0.5', expected a number from 1.0 to 9.0") })
    #expect(set.messages("3") == ["has no excerpt in songs.csv; its labels over time are left out"])
  }

  @Test func promisedLabelsThatAreNotThereAreReported() throws {
    try folder.write("song_id,valence_mean,arousal_mean\n1,5,5\n2,5,5\n", to: "static.csv")
    try folder.write("song_id,has_dynamic\n1,1\n2,0\n3,0\n", to: "songs.csv")
    try folder.writeAudio(["audio/1.wav", "audio/2.wav", "audio/3.wav"])
    let set = try folder.read()
    #expect(set.songs.count == 2)
    #expect(set.messages("1") == ["has none of the labels over time that songs.csv promises"])
    #expect(set.messages("2").isEmpty)
    #expect(set.messages("3") == ["has no usable labels"])
  }

  @Test func aTableThatCannotBeUsedIsLeftOut() throws {
    try writeLabels([1])
    try folder.write("", to: "static.csv")
    try folder.writeAudio(["audio/1.wav"])
    let set = try folder.read()
    #expect(set.songs.count == 1)
    #expect(set.messages(nil).contains { $0.hasSuffix("static.csv: is empty; it is left out") })
    try folder.write("song,valence\n1,2\n", to: "static.csv")
    #expect(try folder.read().messages(nil).contains { $0.contains("static.csv: has no column 'song_id'") })
  }

  @Test func withoutATrustworthyTableOfSongsNothingIsRead() throws {
    try writeLabels([1])
    try folder.writeAudio(["audio/1.wav"])
    try folder.write("title\nx\n", to: "songs.csv")
    let error = try #require(folder.readingError())
    #expect(error.code == .invalidData)
    #expect(error.description.contains("songs.csv: has no column 'song_id'"))
  }

  @Test func oneOfTheTwoTablesAloneIsNoLabel() throws {
    try folder.write(DataSetFolder.wideTable([(1, [0.1])]), to: "dynamic_valence.csv")
    try folder.writeAudio(["audio/1.wav"])
    let error = try #require(folder.readingError())
    #expect(error.code == .invalidData)
    #expect(error.description.contains("audio/<id>.<wav|flac|ogg|opus|mp3>"))
    #expect(error.description.contains("dynamic_arousal.csv is missing"))
  }
}
