import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// `affectctl analyze` and `embed`, run as a user does.
@Suite struct AnalyzeTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func music(_ name: String, seconds: Double, rate: Int = 44_100, format: SoundFileWriter.Format = .wav16)
    throws -> String
  {
    let path = directory.file(name)
    try SoundFileWriter.write(TestSignal.music(seconds: seconds, rate: rate), rate: rate, format: format, to: path)
    return path
  }

  @Test func fortyFiveSecondsOfMP3GiveNinetyRowsTheSameEveryTime() throws {
    let path = try music("a.mp3", seconds: 45, format: .mp3)
    let first = try Program.run("affectctl", ["analyze", path, "--quiet"])
    #expect(first.status == 0)
    #expect(first.errors == "")
    #expect(first.lines.count == 91)
    let header =
      "time_s,valence,arousal,raw_valence,raw_arousal,level_dbfs,state,valence_trend,arousal_trend,quadrant,confidence"
    #expect(first.lines[0] == header)
    let rows = first.lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows.map { $0[0] } == (1...90).map { "\(Double($0) / 2)" })
    // The first patch of 3.008 s is complete at 3.5 s.
    for row in rows.prefix(6) { #expect(row[1...4].allSatisfy { $0.isEmpty } && row[6] == "warmingUp") }
    for row in rows.dropFirst(6) {
      #expect(row[1...4].allSatisfy { (-1...1).contains(Double($0) ?? .nan) } && row[6] == "tracking")
    }
    #expect(Set(rows.dropFirst(6).map { $0[2] }).count > 50)
    #expect(try Program.run("affectctl", ["analyze", path]).output == first.output)
  }

  @Test func theOptionsOfTheTrackerApply() throws {
    let path = try music("b.flac", seconds: 6, format: .flac)
    let raw = try Program.run("affectctl", ["analyze", path, "--hop", "0.25", "--smoothing", "none"])
    #expect(raw.lines.count == 25)
    for row in raw.lines.dropFirst() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      #expect(fields[1] == fields[3] && fields[2] == fields[4])
    }
    let smooth = try Program.run("affectctl", ["analyze", path, "--hop", "0.25", "--smoothing", "exponential:5"])
    #expect(smooth.output != raw.output)
  }

  @Test func jsonLinesCarryTheSameValues() throws {
    let path = try music("c.wav", seconds: 5)
    let table = try Program.run("affectctl", ["analyze", path]).lines.dropFirst()
    let output = directory.file("c.json")
    let json = try Program.run("affectctl", ["analyze", path, "--json", "--output", output])
    #expect(json.status == 0 && json.output == "")
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == table.count)
    for (line, row) in zip(lines, table) {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      #expect(object["type"] as? String == "affect")
      #expect(object["audio_time"] as? Double == Double(fields[0]))
      #expect((object["valence"] as? Double).map { Float($0) } == Float(fields[1]))
      #expect((object["arousal"] as? Double).map { Float($0) } == Float(fields[2]))
      #expect(object["state"] as? String == fields[6])
    }
  }

  @Test func unusualFilesSimplyWork() throws {
    let six = TestSignal.music(seconds: 4, rate: 48_000).flatMap { [Float](repeating: $0, count: 6) }
    try SoundFileWriter.write(six, channels: 6, rate: 48_000, format: .wavFloat, to: directory.file("six.wav"))
    for path in [
      try music("low.wav", seconds: 4, rate: 8_000), try music("high.wav", seconds: 4, rate: 192_000),
      directory.file("six.wav"),
    ] {
      let result = try Program.run("affectctl", ["analyze", path])
      #expect(result.status == 0)
      #expect(result.lines.count == 9)
      #expect(result.lines.last?.contains(",tracking,") == true)
    }
  }

  @Test func shortFilesGiveRowsWithoutValues() throws {
    try SoundFileWriter.write([0.5], rate: 44_100, format: .wav16, to: directory.file("one.wav"))
    let one = try Program.run("affectctl", ["analyze", directory.file("one.wav")])
    #expect(one.status == 0 && one.lines.count == 1)
    let short = try Program.run("affectctl", ["analyze", try music("short.wav", seconds: 2)])
    #expect(short.lines.count == 5)
    #expect(short.lines.dropFirst().allSatisfy { $0.contains(",,,,,") && $0.hasSuffix(",warmingUp,,,,") })
  }

  @Test func unusableSamplesAndAFileCutShortAreReportedOnce() throws {
    var samples = TestSignal.music(seconds: 4, rate: 16_000)
    for index in 20_000..<20_100 { samples[index] = .nan }
    try SoundFileWriter.write(samples, rate: 16_000, format: .wavFloat, to: directory.file("nan.wav"))
    let nan = try Program.run("affectctl", ["analyze", directory.file("nan.wav")])
    #expect(nan.status == 0 && nan.lines.count == 9)
    #expect(!nan.output.lowercased().contains("nan"))
    #expect(nan.errors.split(separator: "\n").count == 1 && nan.errors.contains("100 samples"))

    let whole = try Data(contentsOf: URL(filePath: try music("whole.wav", seconds: 4)))
    let cut = try directory.write(whole.prefix(whole.count / 2), to: "cut.wav")
    let result = try Program.run("affectctl", ["analyze", cut])
    #expect(result.status == 0 && result.lines.count == 4 + 1 - 1)
    #expect(result.errors.split(separator: "\n").count == 1 && result.errors.contains("cut short"))
  }

  /// Runs affectctl by a shell in the test's directory.
  private func shell(_ command: String) throws -> Program.Result {
    let tool = "affectctl() { '\(Program.directory)/affectctl' \"$@\"; }"
    return try Program.run("/bin/bash", ["-c", "cd '\(directory.path)' && \(tool) && \(command)"])
  }

  @Test func namesNeedNotBeUTF8() throws {
    _ = try music("plain.wav", seconds: 4)
    let expected = try shell("affectctl analyze plain.wav")
    let result = try shell(
      "mv plain.wav $'caf\\xe9.wav' && affectctl analyze $'caf\\xe9.wav' -o $'r\\xe9.csv' && cat r*.csv")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == expected.output)
    // As the shell shows it.
    let missing = try shell("affectctl analyze $'none\\xe9.wav' 2>&1 > /dev/null | cat -v")
    #expect(missing.output.contains("noneM-i.wav: No such file"))
  }

  @Test func standardInputIsAFileToo() throws {
    _ = try music("a.wav", seconds: 4)
    let expected = try shell("affectctl analyze a.wav")
    #expect(try shell("cat a.wav | affectctl analyze -").output == expected.output)
    #expect(expected.lines.count == 9)
  }

  @Test(arguments: [
    "analyze a.wav --model fifo", "analyze a.wav --weights fifo", "card fifo", "replay fifo --socket s", "analyze fifo",
  ])
  func aFIFOIsNotWaitedFor(_ command: String) throws {
    _ = try music("a.wav", seconds: 1)
    let result = try shell("mkfifo fifo && affectctl \(command)")
    #expect(result.status == 66 && result.errors.contains("is not a regular file"), "\(result)")
  }

  @Test func theOutputIsNeverTheInput() throws {
    let path = try music("song.wav", seconds: 4)
    let before = try Data(contentsOf: URL(filePath: path))
    for command in ["analyze song.wav -o song.wav", "analyze song.wav -o ./song.wav", "embed song.wav -o song.wav"] {
      let result = try shell("affectctl \(command)")
      #expect(result.status == 73 && result.errors.contains("is also what is read"), "\(result)")
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }
  }

  @Test func aRunThatFailsLeavesAnEarlierResult() throws {
    _ = try directory.write("earlier", to: "r.csv")
    _ = try directory.write("no sound", to: "bad.wav")
    #expect(try shell("affectctl analyze bad.wav -o r.csv").status == 66)
    #expect(try shell("affectctl analyze none.wav bad.wav -o r.csv").status == 66)
    #expect(try shell("cat r.csv; ls").output == "earlierbad.wav\nr.csv\n")
  }

  @Test func oneBadFileDoesNotStopTheOthers() throws {
    let (first, last) = (try music("first.wav", seconds: 1), try music("last.wav", seconds: 1))
    let bad = try directory.write("la la la", to: "bad.mp3")
    let result = try Program.run("affectctl", ["analyze", first, bad, directory.file("none.wav"), last])
    #expect(result.status == 66)
    #expect(result.lines.count == 5)
    #expect(result.lines[0].hasPrefix("file,time_s,"))
    #expect(result.lines[1].hasPrefix("\(first),0.5,") && result.lines[4].hasPrefix("\(last),1.0,"))
    let messages = result.errors.split(separator: "\n")
    #expect(messages.count == 2)
    #expect(messages[0].hasPrefix("affectctl: \(bad): is not a sound file"))
    #expect(messages[1].contains("none.wav: No such file"))
  }

  @Test(arguments: [
    (["analyze"], Int32(64), "file"), (["analyze", "x.wav", "--hop", "9"], 64, "hop"),
    (["analyze", "x.wav", "--embedding", "vggish"], 64, "vggish"),
    (["analyze", "x.wav", "--embedding", "openl3"], 64, "--weights"),
    (["analyze", "x.wav", "--embedding", "librosa+vggish"], 64, "there is no 'vggish': expected one of musicnn,"),
    (["embed", "x.wav", "-o", "y", "--embedding", "librosa+librosa"], 64, "'librosa' stands twice"),
    (["train", "x", "--model", "ridge", "--out", "y", "--embedding", "librosa-346+librosa"], 64, "a sum takes one"),
    (["analyze", "x.wav", "--embedding", "musicnn+openl3"], 64, "OpenL3 needs --weights"),
    (["analyze", "x.wav", "--embedding", "librosa+logmel", "--weights", "w"], 64, "leave out --weights"),
    (["analyze", "x.wav", "--embedding", "librosa+musicnn", "--threads", "2"], 64, "OpenL3"),
    // What a model for MusiCNN alone brings or wants does not fit a sum.
    (["analyze", "x.wav", "--embedding", "librosa+musicnn"], 65, "librosa-386+musicnn-msd-200"),
    (["analyze", "x.wav", "--threads", "2"], 64, "OpenL3"), (["analyze", "x.wav", "--threads", "0"], 64, "1 to 8"),
    (["analyze", "x.wav", "--weights", "/proc/nonexistent"], 66, "/proc/nonexistent"),
    (["analyze", "x.wav", "--model", "/etc/passwd"], 65, "/etc/passwd"),
    (["analyze", "x.wav", "--output", "/proc/nonexistent/x.csv"], 73, "/proc/nonexistent/x.csv"),
    (["analyze", "/tmp"], 66, "is a directory"), (["frobnicate"], 64, "frobnicate"),
    (["monitor", "--socket", "/proc/nonexistent"], 69, "/proc/nonexistent"),
  ])
  func mistakesGetAMessageAndAnExitCode(arguments: [String], status: Int32, mention: String) throws {
    let result = try Program.run("affectctl", arguments)
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(mention), "\(result.errors)")
  }

  @Test func openL3RunsWithWeightsAndAModelThatFit() throws {
    let weights = Fixture.path("openl3-mel256-random-weights.safetensors")
    let path = try music("d.wav", seconds: 2, rate: 48_000)
    let unfit = try Program.run("affectctl", ["analyze", path, "--embedding", "openl3", "--weights", weights])
    #expect(unfit.status == 65)
    #expect(unfit.errors.contains("musicnn-msd-200") && unfit.errors.contains("openl3-mel256-512"))

    let model = directory.file("model.safetensors")
    try EmotionModelWriter.write(embedding: "openl3-mel256-512", dimension: 512, to: model)
    let result = try Program.run(
      "affectctl", ["analyze", path, "--embedding", "openl3", "--weights", weights, "--model", model])
    #expect(result.status == 0, "\(result.errors)")
    // A window of 1 s ends exactly at the second tick.
    #expect(result.lines.map { $0.contains(",tracking,") } == [false, false, true, true, true])
  }

  @Test func embeddingsAreThoseOfTheReference() throws {
    let golden = try Fixture.tensors("musicnn-golden.safetensors")
    let audio = directory.file("golden.wav")
    try SoundFileWriter.write(golden.tensor("audio").values, rate: 16_000, format: .wavFloat, to: audio)
    let output = directory.file("golden.safetensors")
    // Ticks every 4 frames of 16 ms: the patch that ends at tick n begins at frame 4 n - 188.
    let result = try Program.run("affectctl", ["embed", audio, "--hop", "0.064", "--output", output])
    #expect(result.status == 0, "\(result.errors)")
    let file = try SafetensorsFile(path: output)
    let times = try file.tensor("time_s").values
    let embeddings = try file.tensor("embedding", shape: [times.count, 200]).values
    #expect(times.first == 3.008)
    #expect(file.metadata["embedding"] == "musicnn-msd-200")
    var compared = 0
    for (patch, startFrame) in try golden.tensor("patch_start_frame").values.enumerated() {
      let tick = (Int(startFrame) + 188) / 4
      guard Int(startFrame) % 4 == 0, let row = times.firstIndex(of: Float(Double(tick * 64) / 1000)) else { continue }
      let expected = try golden.tensor("embedding").values[patch * 200..<(patch + 1) * 200]
      let difference = Difference(Array(embeddings[row * 200..<(row + 1) * 200]), Array(expected))
      #expect(difference.relativeToLargest < 1e-4)
      compared += 1
    }
    #expect(compared > 0)
  }

  /// MusiCNN's weights are those that come with affectd, OpenL3's those that are named.
  @Test func aSumHoldsTheEmbeddingsOfItsParts() throws {
    let path = try music("e.wav", seconds: 4, rate: 48_000)
    func embed(_ name: String) throws -> SafetensorsFile {
      let output = directory.file("\(name).safetensors")
      let weights =
        name.contains("openl3") ? ["--weights", Fixture.path("openl3-mel256-random-weights.safetensors")] : []
      let result = try Program.run(
        "affectctl", ["embed", path, "--hop", "0.4", "--embedding", name, "--output", output] + weights)
      #expect(result.status == 0, "\(result.errors)")
      return try SafetensorsFile(path: output)
    }
    let sum = try embed("musicnn+openl3+librosa")
    let times = try sum.tensor("time_s").values
    let width = 200 + 512 + 386
    let values = try sum.tensor("embedding", shape: [times.count, width]).values
    #expect(sum.metadata["embedding"] == "musicnn-msd-200+openl3-mel256-512+librosa-386")
    let names = try #require(sum.metadata["value_names"]).split(separator: ",")
    #expect(names.count == width && names[200] == "openl3_1" && names[width - 1] == "tonnetz_6_std")
    #expect(times.count == 3)
    var place = 0
    for name in ["musicnn", "openl3", "librosa"] {
      let part = try embed(name)
      let own = try part.tensor("embedding")
      let ownTimes = try part.tensor("time_s").values
      for (row, time) in times.enumerated() {
        let ownRow = try #require(ownTimes.firstIndex(of: time))
        let expected = own.values[ownRow * own.shape[1]..<(ownRow + 1) * own.shape[1]]
        let isSame = expected.elementsEqual(values[row * width + place..<row * width + place + own.shape[1]])
        #expect(isSame, "\(name) at \(time) s")
      }
      place += own.shape[1]
    }
  }

  @Test func openL3EmbeddingsAreThoseOfTheReference() throws {
    let golden = try Fixture.tensors("openl3-golden.safetensors")
    let audio = directory.file("golden.wav")
    try SoundFileWriter.write(golden.tensor("audio").values, rate: 48_000, format: .wavFloat, to: audio)
    let output = directory.file("golden.safetensors")
    let weights = Fixture.path("openl3-mel256-random-weights.safetensors")
    let result = try Program.run(
      "affectctl", ["embed", audio, "--embedding", "openl3", "--weights", weights, "--output", output])
    #expect(result.status == 0, "\(result.errors)")
    let file = try SafetensorsFile(path: output)
    try #expect(file.tensor("time_s").values == [1])
    try #expect(
      Difference(file.tensor("embedding", shape: [1, 512]).values, golden.tensor("embedding").values).relativeL2 < 3e-4)
  }
}
