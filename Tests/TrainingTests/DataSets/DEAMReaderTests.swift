import Affect
import Platform
import Testing
import Training

@Suite struct DEAMReaderTests {
  private let folder = try! DataSetFolder()  // no test here makes sense without it
  private static let averages = "DEAM_Annotations/annotations/annotations averaged per song"
  private static let dynamic = "\(averages)/dynamic (per second annotations)"
  private static let staticFile = "\(averages)/song_level/static_annotations_averaged_songs_1_2000.csv"
  private static let staticHeader = "song_id, valence_mean, valence_std, arousal_mean, arousal_std"

  private struct Truth {
    let song: Int
    /// -0.8...0.8
    let valence: Double
    let arousal: Double
  }

  /// Songs with unrelated valence and arousal.
  private func truths(_ songs: some Sequence<Int>, seed: UInt64 = 1) -> [Truth] {
    var generator = SeededGenerator(seed: seed)
    return songs.map {
      Truth(song: $0, valence: 1.6 * generator.uniform() - 0.8, arousal: 1.6 * generator.uniform() - 0.8)
    }
  }

  private func writeDynamic(_ truths: [Truth]) throws {
    try folder.write(
      DataSetFolder.wideTable(truths.map { ($0.song, [$0.valence, $0.valence]) }), to: "\(Self.dynamic)/valence.csv")
    try folder.write(
      DataSetFolder.wideTable(truths.map { ($0.song, [$0.arousal, $0.arousal]) }), to: "\(Self.dynamic)/arousal.csv")
    try folder.writeAudio(truths.map { "DEAM_audio/MEMD_audio/\($0.song).mp3" })
  }

  /// Ratings 5 + 4 x, with the columns exchanged for the songs in `exchanged`.
  private func writeStatic(_ truths: [Truth], exchanged: ClosedRange<Int>? = nil) throws {
    let rows = truths.map { truth in
      var ratings = (5 + 4 * truth.valence, 5 + 4 * truth.arousal)
      if exchanged?.contains(truth.song) == true { ratings = (ratings.1, ratings.0) }
      return "\n\(truth.song), \(ratings.0), 1.5, \(ratings.1), 1.2"
    }
    try folder.write(Self.staticHeader + rows.joined(), to: Self.staticFile)
    try folder.writeAudio(truths.map { "DEAM_audio/MEMD_audio/\($0.song).mp3" })
  }

  /// The largest difference between the static labels and the truth.
  private func staticError(_ set: DataSet, _ truths: [Truth]) -> Double {
    truths.map { truth in
      guard let label = set.song("\(truth.song)")?.staticLabel else { return .infinity }
      return max(abs(Double(label.valence) - truth.valence), abs(Double(label.arousal) - truth.arousal))
    }.max() ?? .infinity
  }

  @Test func thePublishedFilesAreFoundByTheirNames() throws {
    let all = truths([2, 1001, 2001])
    try writeDynamic(all)
    try writeStatic(Array(all.prefix(2)))
    try folder.write(
      "song_id, valence_mean, valence_std, arousal_mean, arousal_std, valence_max_mean\n2001, 5, 1, 6, 1, 7\n",
      to: "\(Self.averages)/song_level/static_annotations_averaged_songs_2000_2058.csv")
    try folder.write(
      "song_id,file_name,Artist,Song title\n2,00002.mp3,\"The New Troubadours\t\",\"A \"\"B\"\"\t\"\n",
      to: "metadata/metadata_2013.csv")
    try folder.write("Id,Artist,Album,Track\n1001,Somebody ,x,y,tag,another tag\n", to: "metadata/metadata_2014.csv")
    try folder.write("id,Filename,title,artist\n2001,f,t,Third Artist,genre\n", to: "metadata/metadata_2015.csv")
    // Ratings of single listeners, which are not to be taken for the means.
    try folder.write(
      "song_id,x\n2,1\n", to: "annotations per each rater/song_level/static_annotations_songs_1_2000.csv")
    let set = try folder.read()
    #expect(set.songs.map(\.identifier) == ["2", "1001", "2001"])
    #expect(set.songs.map(\.artist) == ["The New Troubadours", "Somebody", "Third Artist"])
    #expect(set.songs[0].audioPath == "\(folder.path)/DEAM_audio/MEMD_audio/2.mp3")
    #expect(set.songs[2].dynamicLabels.map(\.time) == [15, 15.5])
    #expect(set.songs.allSatisfy { $0.staticLabel != nil })
    #expect(set.notes.allSatisfy { $0.song == nil })
  }

  @Test func exchangedColumnsAreMendedAndReported() throws {
    let (first, second) = (truths(1...60), truths(1001...1040, seed: 2))
    try writeDynamic(first + second)
    // Songs that have static labels alone are put right with their block.
    let more = truths(500...509, seed: 3)
    try writeStatic(first + more + second, exchanged: 1...1000)
    let set = try folder.read()
    #expect(staticError(set, first + more + second) < 1e-5)
    let reports = set.messages(nil).filter { $0.contains("are exchanged in the file") }
    #expect(reports.count == 1)
    #expect(reports[0].contains("songs 1 to 1000"))
    #expect(reports[0].contains("over 60 songs"))
    #expect(reports[0].contains("1.00 and 1.00 exchanged"))
    #expect(reports[0].contains("All 70 rows were put right"))
  }

  @Test func columnsThatAreRightAreLeftAlone() throws {
    let all = truths(Array(1...60) + Array(1001...1040))
    try writeDynamic(all)
    try writeStatic(all)
    let set = try folder.read()
    #expect(staticError(set, all) < 1e-5)
    #expect(!set.messages(nil).contains { $0.contains("exchanged") })
  }

  @Test func ratingsThatGoWithNothingAreLeftAloneAndReported() throws {
    let all = truths(1...60)
    try writeDynamic(all)
    try writeStatic(truths(1...60, seed: 9))
    let set = try folder.read()
    #expect(set.messages(nil).contains { $0.contains("cannot be told") && $0.contains("over 60 songs") })
    #expect(!set.messages(nil).contains { $0.contains("put right") })
  }

  @Test func ratingsThatFitTheOtherColumnBadlyAreLeftAlone() throws {
    let all = truths(1...60)
    try writeDynamic(all)
    let weak = zip(all, truths(1...60, seed: 9)).map { truth, other in
      Truth(
        song: truth.song, valence: 0.3 * truth.arousal + 0.7 * other.valence,
        arousal: 0.3 * truth.valence + 0.7 * other.arousal)
    }
    try writeStatic(weak)
    let set = try folder.read()
    #expect(set.messages(nil).contains { $0.contains("cannot be told") })
    #expect(!set.messages(nil).contains { $0.contains("put right") })
  }

  @Test func valenceAndArousalThatAreAlikeAreLeftAlone() throws {
    let alike = truths(1...60).map { Truth(song: $0.song, valence: $0.valence, arousal: $0.valence * 0.9) }
    try writeDynamic(alike)
    try writeStatic(alike, exchanged: 1...1000)
    let set = try folder.read()
    #expect(set.messages(nil).contains { $0.contains("cannot be told") })
    #expect(!set.messages(nil).contains { $0.contains("put right") })
  }

  @Test func aFewSongsAreTooFewToTell() throws {
    let few = truths(1...19)
    try writeDynamic(few)
    try writeStatic(few, exchanged: 1...1000)
    let set = try folder.read()
    #expect(set.messages(nil).contains { $0.contains("could not be checked for 19 of 19 songs") })
    #expect(!set.messages(nil).contains { $0.contains("put right") })
    // One song more is enough.
    try writeDynamic(truths(1...20))
    try writeStatic(truths(1...20), exchanged: 1...1000)
    #expect(try folder.read().messages(nil).contains { $0.contains("All 20 rows were put right") })
  }

  @Test func shortRowsAreThoseOfShortSongs() throws {
    for name in ["valence", "arousal"] {
      try folder.write(
        "song_id,sample_15000ms,sample_15500ms,sample_16000ms\n2,0.1,0.2\n3,0.1,,\n4,0.1,0.2,0.3\n5,1,1,1,1\n",
        to: "\(Self.dynamic)/\(name).csv")
    }
    try folder.writeAudio((2...5).map { "MEMD_audio/\($0).mp3" })
    let set = try folder.read()
    #expect(set.songs.map(\.dynamicLabels.count) == [2, 1, 3])
    #expect(set.messages(nil).filter { $0.contains("1 rows end early") }.count == 2)
    #expect(set.messages("5").contains { $0.contains("has 5 fields, expected 4") })
  }

  @Test func withoutLabelsOverTimeTheStaticOnesAreRead() throws {
    try writeStatic(truths(1...3))
    let set = try folder.read()
    #expect(set.songs.count == 3)
    #expect(set.messages(nil).contains { $0.contains("there are no labels over time") })
    #expect(set.messages(nil).contains { $0.contains("could not be checked for 3 of 3") })
  }
}
