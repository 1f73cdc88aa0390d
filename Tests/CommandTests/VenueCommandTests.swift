import Foundation
import TestSupport
import Testing

/// `affectctl noise`, `calibrate --from`, `--calibration`, `bench venue` and `train --augment`.
@Suite struct VenueCommandTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// What is played and what comes back are the same: there is nothing to take back.
  @Test func noiseThatIsHeardAsItIsNeedsNoFilter() throws {
    let file = directory.file("pink.wav")
    let made = try Program.run("affectctl", ["noise", file, "--seconds", "20"])
    #expect(made.status == 0, "\(made.errors)")
    let found = try Program.run("affectctl", ["calibrate", "--noise", "--from", file])
    #expect(found.status == 0, "\(found.errors)")
    let calibration = try object(found.output)
    #expect(abs(try #require(calibration["gain"] as? Double)) < 0.3)
    let filter = try #require(calibration["filter"] as? [Double])
    #expect(filter.count == 26 && filter.allSatisfy { abs($0) < 1 }, "\(filter)")
  }

  @Test func aCalibrationOfRecordingsIsHeardByAnalyze() throws {
    // Two minutes of noise, 20 dB too quiet, without high frequencies.
    var last: Float = 0
    var state: UInt64 = 1
    let samples = (0..<16_000 * 70).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      last += 0.1 * (Float(Int64(bitPattern: state) >> 40) / Float(1 << 23) - last)
      return last * 0.1
    }
    let recording = directory.file("rehearsal.flac")
    try SoundFileWriter.write(samples, rate: 16_000, format: .flac, to: recording)
    let file = directory.file("venue.json")
    let picture = directory.file("venue.svg")
    let made = try Program.run("affectctl", ["calibrate", "--from", recording, "--out", file, "--plot", picture])
    #expect(made.status == 0, "\(made.errors)")
    // The filter, what was heard, and recorded music: a point for each third.
    let drawn = try String(contentsOfFile: picture, encoding: .utf8)
    #expect(drawn.hasPrefix("<svg") && drawn.hasSuffix("</svg>\n"))
    let curves = drawn.split(separator: "\n").filter { $0.hasPrefix("<polyline") }
    #expect(curves.count == 3 && curves.allSatisfy { $0.count { $0 == "," } == 26 }, "\(drawn)")
    #expect(drawn.contains(">Filter, dB<") && drawn.contains(">1k<"))
    let calibration = try object(String(contentsOfFile: file, encoding: .utf8))
    #expect((calibration["gain"] as? Double ?? 0) > 5)
    #expect((calibration["filter"] as? [Double])?.count == 26)
    let plain = try Program.run("affectctl", ["analyze", recording])
    let calibrated = try Program.run("affectctl", ["analyze", recording, "--calibration", file])
    #expect(calibrated.status == 0 && calibrated.lines.count == plain.lines.count)
    #expect(calibrated.lines[20] != plain.lines[20])
    let embeddings = try ["plain", "calibrated"].map { name in
      let embedding = directory.file("\(name).safetensors")
      let arguments = name == "plain" ? [] : ["--calibration", file]
      let result = try Program.run("affectctl", ["embed", recording, "--output", embedding] + arguments)
      #expect(result.status == 0, "\(result.errors)")
      return try Data(contentsOf: URL(filePath: embedding))
    }
    #expect(embeddings[0] != embeddings[1])
  }

  @Test func whatIsNoCalibrationIsRefused() throws {
    let recording = directory.file("short.flac")
    try SoundFileWriter.write(
      TestSignal.sine(440, amplitude: 0.1, seconds: 5, rate: 16_000), rate: 16_000, format: .flac, to: recording)
    for text in ["", "{}", #"{"gain":99}"#, #"{"gain":0,"filter":[1,2]}"#, #"{"gain":0,"filter":3}"#] {
      let file = try directory.write(text, to: "bad.json")
      let result = try Program.run("affectctl", ["analyze", recording, "--calibration", file])
      #expect(result.status == 64 && result.errors.contains("is no calibration"), "\(text): \(result.errors)")
    }
    let short = try Program.run("affectctl", ["calibrate", "--from", recording])
    #expect(short.status == 0 && short.errors.contains("60 s"), "\(short.errors)")
    #expect(try object(short.output)["filter"] is NSNull)
    #expect(try Program.run("affectctl", ["calibrate", "--out", "x.json"]).status == 64)
    let nowhere = try Program.run(
      "affectctl", ["calibrate", "--plot", "/nonexistent/x.svg", "--from", recording])
    #expect(nowhere.status == 73 && nowhere.errors.hasPrefix("affectctl: /nonexistent/x.svg: cannot be written"))
    // A gain alone can be drawn as well: the spectra, without a filter.
    let picture = directory.file("short.svg")
    #expect(try Program.run("affectctl", ["calibrate", "--from", recording, "--plot", picture]).status == 0)
    #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("Thirds of an octave"))
    // A recording is no place for the result.
    let before = try Data(contentsOf: URL(filePath: recording))
    let over = try Program.run("affectctl", ["calibrate", "--from", recording, "--out", recording])
    #expect(over.status == 73 && over.errors.contains("is also what is read"), "\(over.errors)")
    #expect(try Data(contentsOf: URL(filePath: recording)) == before)
  }

  @Test func venuesAreTrainedForAndMeasured() throws {
    let data = directory.file("data")
    try FileManager.default.createDirectory(atPath: "\(data)/audio", withIntermediateDirectories: true)
    let times = stride(from: 0, through: 5000, by: 500).map { "sample_\($0)ms" }.joined(separator: ",")
    var tables = ["valence": "song_id,\(times)\n", "arousal": "song_id,\(times)\n"]
    var list = "song_id,artist,excerpt_start_s,excerpt_end_s\n"
    for song in 1...12 {
      let samples = TestSignal.sine(200 * Double(song), amplitude: 0.02 * Double(song), seconds: 5, rate: 16_000)
      try SoundFileWriter.write(samples, rate: 16_000, format: .flac, to: "\(data)/audio/\(song).flac")
      for name in tables.keys {
        tables[name]! += "\(song)" + String(repeating: ",\(Double(song) / 12 - 0.5)", count: 11) + "\n"  // it is there
      }
      list += "\(song),band \(song),0,5\n"
    }
    for (name, text) in tables { try Data(text.utf8).write(to: URL(filePath: "\(data)/dynamic_\(name).csv")) }
    try Data(list.utf8).write(to: URL(filePath: "\(data)/songs.csv"))
    let model = directory.file("m.safetensors")
    let trained = try Program.run(
      "affectctl",
      [
        "train", data, "--augment", "venue", "--copies", "2", "--members", "3", "--epochs", "3", "--out", model,
        "--cache",
        directory.file("cache"),
      ])
    #expect(trained.status == 0, "\(trained.errors)")
    let card = try Program.run("affectctl", ["card", model]).output
    #expect(card.contains("mlp, 6 networks averaged") && card.contains("Copies: 2 of each song"), "\(card)")
    let cached = try FileManager.default.subpathsOfDirectory(atPath: directory.file("cache"))
    #expect(cached.count { $0.hasSuffix("-venue-1-1.safetensors") } == 12)

    let bench = try Program.run("affectctl", ["bench", "venue", data, "--songs", "3", "--model", model, "--json"])
    #expect(bench.status == 0, "\(bench.errors)")
    let rows = try bench.lines.map { try object($0) }
    #expect(rows.compactMap { $0["venue"] as? String }.count == 9)
    #expect(rows.allSatisfy { $0["songs"] as? Int == 3 && $0["arousal"] is [String: Any] })
    let again = try Program.run("affectctl", ["bench", "venue", data, "--songs", "3", "--model", model, "--json"])
    #expect(again.output == bench.output)
    let both = try Program.run(
      "affectctl",
      ["train", data, "--augment", "venue", "--fine-tune", "--out", model, "--cache", directory.file("cache")])
    #expect(both.status == 64 && both.errors.contains("do not go together"))
  }

  /// Each artist is in one part, and all of them together are all.
  @Test func artistsAreDividedIntoParts() throws {
    let data = directory.file("parts")
    try FileManager.default.createDirectory(atPath: "\(data)/audio", withIntermediateDirectories: true)
    var table = "song_id,valence_mean,arousal_mean\n"
    for song in 1...10 {
      try SoundFileWriter.write(
        TestSignal.sine(440, amplitude: 0.1, seconds: 4, rate: 16_000), rate: 16_000, format: .flac,
        to: "\(data)/audio/\(song).flac")
      table += "\(song),5,5\n"
    }
    try Data(table.utf8).write(to: URL(filePath: "\(data)/static.csv"))
    func count(_ arguments: [String]) throws -> Int {
      let result = try Program.run("affectctl", ["evaluate", data, "--json"] + arguments)
      guard result.status == 0 else { return 0 }
      let results = try object(result.output)["results"] as? [[String: Any]]
      return try #require(results?.first?["songs"] as? Int ?? results?.last?["songs"] as? Int)
    }
    let parts = try (1...3).map { try count(["--artists", "\($0)/3"]) }
    let without = try (1...3).map { try count(["--without-artists", "\($0)/3"]) }
    #expect(parts.reduce(0, +) == 10 && zip(parts, without).allSatisfy { $0 + $1 == 10 }, "\(parts) \(without)")
    #expect(try Program.run("affectctl", ["evaluate", data, "--artists", "4/3"]).status == 64)
  }
}
