import Foundation
import Platform
import TestSupport
import Testing

/// `affectctl bench follow`, run on a small folder of synthetic excerpts.
@Suite struct BenchFollowTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Writes the tables for songs 1 to `count`, the more arousing the higher the number.
  ///
  /// - Parameter lead: seconds of audio before the first label.
  private func writeTables(count: Int, lead: Int = 0) throws {
    var songs = "song_id,artist,excerpt_start_s,excerpt_end_s\r\n"
    var labels = "song_id,sample_29500ms,sample_30000ms,sample_40000ms,sample_40500ms\n"
    for song in 1...count {
      songs += "\(song),\"one, \"\"two\"\"\",\(30 - lead).0,40.0\r\n"
      let arousal = Double(song) / 100
      // What lies outside the excerpt would turn the order round.
      let outside = -4 * arousal
      labels += "\(song),\(lead > 0 ? "" : "\(outside)"),\(arousal),\(song == 1 ? "" : "\(arousal)"),\(outside)\n"
    }
    _ = try directory.write(songs, to: "songs.csv")
    for name in ["arousal", "valence"] { _ = try directory.write(labels, to: "dynamic_\(name).csv") }
  }

  /// A calm excerpt for each song in `calm`, a driving one for each in `driving`, at different rates, behind `lead`
  /// seconds of something else.
  private func writeAudio(calm: ClosedRange<Int>, driving: ClosedRange<Int>, lead: Int = 0) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: directory.file("audio"), withIntermediateDirectories: false)
    let pad = TestSignal.sine(220, amplitude: 0.1, seconds: 10.1, rate: 48_000)
    var generator = SeededGenerator(seed: 1)
    // A burst of noise every eighth of a second, over chords.
    let drums = TestSignal.chords(seconds: 11, rate: 16_000).prefix(161_600).enumerated().map { index, chord in
      Float.random(in: -0.6...0.6, using: &generator) * exp(-Float(index % 2_000) / 400) + chord
    }
    for (samples, rate, songs) in [(pad, 48_000, calm), (drums, 16_000, driving)] {
      let first = directory.file("audio/\(songs.lowerBound).opus")
      // The same before all of them: who heard it would hear no change.
      let before = TestSignal.music(seconds: Double(lead), rate: rate)
      try SoundFileWriter.write(before + samples, rate: rate, format: .oggOpus, to: first)
      for song in songs.dropFirst() {
        try files.linkItem(atPath: first, toPath: directory.file("audio/\(song).opus"))
      }
    }
  }

  private func run(_ arguments: [String] = []) throws -> Program.Result {
    try Program.run("affectctl", ["bench", "follow", directory.path] + arguments)
  }

  @Test func everyCutIsMeasuredAndTheSummaryFollows() throws {
    // Of 20 songs, the 4 in the middle are not heard.
    try writeTables(count: 20)
    try writeAudio(calm: 1...12, driving: 13...20)
    let result = try run(["--json", "--hop", "0.5", "--smoothing", "none", "--quiet"])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    let lines = try result.lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    try #require(lines.count == 16)
    let cuts = lines.prefix(15)
    #expect(cuts.map { $0["type"] as? String } == Array(repeating: "cut", count: 15))
    #expect(cuts.map { $0["time"] as? Double } == (1...15).map { Double($0 * 10) })
    let order = (1...8).flatMap { [$0, $0 + 12] }.map(String.init)
    #expect(cuts.map { $0["from"] as? String } == Array(order.dropLast()))
    #expect(cuts.map { $0["to"] as? String } == Array(order.dropFirst()))
    for (number, cut) in cuts.enumerated() {
      let before = try #require(cut["before"] as? Double)
      let after = try #require(cut["after"] as? Double)
      #expect((after > before) == (number % 2 == 0))
      #expect(abs(after - before) >= 0.1)
      // The window is 3 s long: it holds nothing of the excerpt before any more after seven ticks.
      let delay = try #require(cut["delay"] as? Double)
      #expect(delay > 0 && delay <= 3.5)
    }
    let summary = try #require(lines.last)
    #expect(summary["type"] as? String == "follow")
    #expect(summary["hop"] as? Double == 0.5 && summary["smoothing"] as? String == "none")
    #expect(summary["cuts"] as? Int == 15 && summary["skipped_cuts"] as? Int == 0)
    let delays = cuts.compactMap { $0["delay"] as? Double }.sorted()
    #expect(summary["median_delay"] as? Double == delays[7])
    #expect(summary["worst_delay"] as? Double == delays.last)
    let deviation = try #require(summary["standard_deviation"] as? Double)
    #expect(deviation > 0 && deviation < 0.1)
  }

  @Test func theTableNamesTheSettingsAndTheCutsThatAreLeftOut() throws {
    try writeTables(count: 16)
    // The same audio everywhere: there is no step to follow.
    try writeAudio(calm: 1...8, driving: 9...9)
    for song in 9...16 {
      try? FileManager.default.removeItem(atPath: directory.file("audio/\(song).opus"))
      try FileManager.default.linkItem(
        atPath: directory.file("audio/1.opus"), toPath: directory.file("audio/\(song).opus"))
    }
    let result = try run(["--smoothing", "exponential:1"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines.count == 1 + 15 + 4)
    #expect(result.output.contains("hop 0.25 s, smoothing exponential:1.0"))
    #expect(result.output.contains("median -, worst -"))
    #expect(result.lines.last?.hasSuffix("smaller than 0.1: 15") == true)
  }

  @Test func aFolderThatIsNotWhatIsNeededGetsAMessage() throws {
    func fails(_ mention: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let result = try run(["--hop", "5"])
      #expect(result.status == 65, sourceLocation: sourceLocation)
      #expect(result.output == "", sourceLocation: sourceLocation)
      #expect(result.errors.contains(mention), "\(result.errors)", sourceLocation: sourceLocation)
    }
    try fails("\(directory.path): is laid out like no data set")
    try writeTables(count: 16)
    try writeAudio(calm: 1...8, driving: 9...16)
    try FileManager.default.removeItem(atPath: directory.file("audio/2.opus"))
    try fails("only 15 songs")
    try SoundFileWriter.write(
      TestSignal.music(seconds: 4, rate: 16_000), rate: 16_000, format: .oggOpus, to: directory.file("audio/2.opus"))
    try fails("audio/2.opus: holds 4.0")
  }

  /// As in DEAM's clips, whose first 15 s were not rated.
  @Test func theExcerptBeginsAtTheFirstLabel() throws {
    try writeTables(count: 16, lead: 10)
    try writeAudio(calm: 1...8, driving: 9...16, lead: 10)
    let result = try run(["--json"])
    #expect(result.status == 0 && result.lines.last?.contains(#""skipped_cuts":0"#) == true, "\(result.output)")
  }
}
