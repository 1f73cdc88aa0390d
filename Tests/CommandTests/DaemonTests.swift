import Foundation
import TestSupport
import Testing

/// The real daemon, as a user starts it.
@Suite(.serialized) struct DaemonTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func music(_ name: String, seconds: Double, rate: Int = 44_100) throws -> String {
    let path = directory.file(name)
    try SoundFileWriter.write(TestSignal.music(seconds: seconds, rate: rate), rate: rate, format: .wav16, to: path)
    return path
  }

  /// All lines of type affect, to the end.
  private func estimates(_ client: SocketClient) throws -> [[String: Any]] {
    var lines: [[String: Any]] = []
    while let line = try client.next() {
      if line["type"] as? String == "affect" { lines.append(line) }
    }
    return lines
  }

  @Test func aFilePlayedByTheDaemonHasTheValuesOfAnalyze() throws {
    let path = try music("a.wav", seconds: 5)
    let rows = try Program.run("affectctl", ["analyze", path, "--hop", "0.25"]).lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows.count == 20)

    let daemon = try Daemon(["--input", "file:\(path)", "--hop", "0.25"])
    let client = try SocketClient(daemon.socket)
    let hello = try #require(try client.next())
    #expect(hello["type"] as? String == "hello")
    #expect(hello["protocol"] as? Int == 1)
    #expect(hello["hop"] as? Double == 0.25)
    #expect(hello["embedding"] as? String == "musicnn-msd-200")
    #expect(hello["model"] as? String == "deam-mlp")
    let published = try estimates(client)
    // The first ticks may have passed before the client was there, the last is always heard.
    #expect(published.last?["seq"] as? Int == 20)
    for line in published {
      let row = rows[try #require(line["seq"] as? Int) - 1]
      #expect(line["audio_time"] as? Double == Double(row[0]))
      #expect((line["valence"] as? Double).map { Float($0) } == Float(row[1]))
      #expect((line["arousal"] as? Double).map { Float($0) } == Float(row[2]))
      let raw = line["raw"] as? [String: Double]
      #expect((raw?["valence"]).map { Float($0) } == Float(row[3]))
      #expect((raw?["arousal"]).map { Float($0) } == Float(row[4]))
      #expect((line["level"] as? Double).map { Float($0) } == Float(row[5]))
      #expect(line["state"] as? String == row[6])
    }
    let times = published.compactMap { $0["unix_time"] as? Double }
    #expect(times.count == published.count && times == times.sorted())
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0, "\(messages)")
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
  }

  @Test func standardInputIsFollowedToItsEnd() throws {
    let samples = TestSignal.music(seconds: 2, rate: 16_000)
    let path = try directory.write(Data(samples.bytesS16), to: "raw")
    let input = try FileHandle(forReadingFrom: URL(filePath: path))
    let receiver = try PacketReceiver()
    let daemon = try Daemon(
      ["--input", "stdin:16000,1,s16le", "--osc", "127.0.0.1:\(receiver.port)"], input: input.fileDescriptor)
    // One packet per hop: two seconds are four.
    for _ in 0..<4 { #expect(receiver.next()?.starts(with: "#bundle\0".utf8) == true) }
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aSignalEndsTheDaemonCleanly(signal: Int32) throws {
    let daemon = try Daemon(["--input", "demo", "--hop", "0.05"])
    let client = try SocketClient(daemon.socket)
    _ = try client.next()
    _ = try client.next()
    daemon.signal(signal)
    // The stream ends, with whole lines only.
    _ = try estimates(client)
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0, "\(messages)")
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
  }

  @Test func aSecondDaemonOnTheSameSocketIsRefusedAndAKilledOnesSocketReplaced() throws {
    let daemon = try Daemon(["--input", "demo"])
    let second = try Program.run("affectd", ["--input", "demo", "--socket", daemon.socket])
    #expect(second.status == 69)
    #expect(second.errors.contains(daemon.socket) && second.errors.contains("another affectd"))
    // The first goes on.
    let client = try SocketClient(daemon.socket)
    #expect(try client.next()?["type"] as? String == "hello")
    daemon.signal(SIGKILL)
    _ = try daemon.waitForEnd()
    #expect(FileManager.default.fileExists(atPath: daemon.socket))
    let third = try Daemon(["--input", "demo"], directory: daemon.directory)
    #expect(try SocketClient(third.socket).next()?["type"] as? String == "hello")
    third.signal(SIGTERM)
    #expect(try third.waitForEnd().status == 0)
  }

  @Test(arguments: [
    (["--input", "alsa:no_such_device"], Int32(66), "alsa:no_such_device"),
    (["--input", "file:/proc/nonexistent.wav"], 66, "/proc/nonexistent.wav"),
    (["--input", "microphone"], 64, "microphone"),
    (["--osc", "host..invalid:9000", "--input", "demo"], 64, "host..invalid"), (["--osc", "nonsense"], 64, "nonsense"),
    (["--config", "/proc/nonexistent.toml"], 78, "/proc/nonexistent.toml"), (["--hop", "0"], 64, "hop"),
    (["--model", "/proc/nonexistent"], 66, "/proc/nonexistent"),
  ])
  func mistakesGetAMessageAndAnExitCode(arguments: [String], status: Int32, mention: String) throws {
    let result = try Program.run("affectd", arguments + ["--socket", directory.file("x.sock")])
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(mention), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: directory.file("x.sock")))
  }

  @Test func aMissingDeviceBringsTheListOfDevices() throws {
    let card = try TestCard()
    try card.add(playing: [0, 0], format: "S16_LE", channels: 1, rate: 48_000)
    let result = try Program.run(
      "affectd", ["--input", "alsa:other", "--socket", directory.file("x.sock")], environment: card.environment)
    #expect(result.status == 66)
    #expect(result.errors.contains("Capture devices:\nalsa:testcard"))
    let list = try Program.run("affectctl", ["devices", "--json"], environment: card.environment)
    let devices = try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]]
    let device = try #require(devices?.first)
    #expect(devices?.count == 1 && device["input"] as? String == "alsa:testcard")
    #expect(device["description"] as? String == "Test card" && device["default"] as? Bool == false)
    #expect(device["works"] as? Bool == true)
    #expect(device["rate"] as? Int == 48_000 && device["channels"] as? Int == 1)
    let table = try Program.run("affectctl", ["devices"], environment: card.environment)
    #expect(table.output == "alsa:testcard  48000 Hz, 1 channel  Test card\n")
    // One that is not there says why.
    try card.control("gone")
    let gone = try Program.run("affectctl", ["devices"], environment: card.environment)
    #expect(gone.output.contains("These give nothing at the moment:\nalsa:testcard  "), "\(gone.output)")
  }

  @Test func onlyWithTheFallbackTheDemoPieceStandsIn() throws {
    let daemon = try Daemon(["--input", "alsa:no_such_device", "--demo-fallback"])
    let notes = daemon.startMessages.filter { $0.contains("alsa:no_such_device") }
    #expect(notes.count == 1 && notes[0].contains("demo piece instead"))
    let client = try SocketClient(daemon.socket)
    #expect(try client.next()?["input"] as? String == "demo")
    #expect(try client.next { $0["type"] as? String == "affect" } != nil)
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test func withoutAPlaceForTheSocketTheUserIsToldOfTheOption() throws {
    let result = try Program.run(
      "affectd", ["--input", "demo"], environment: ["XDG_RUNTIME_DIR": nil, "RUNTIME_DIRECTORY": nil])
    #expect(result.status == 69)
    #expect(result.errors.contains("XDG_RUNTIME_DIR") && result.errors.contains("--socket"))
  }

  @Test func theUsersSocketIsFoundByBothSides() throws {
    let runtime = try TemporaryDirectory()
    let receiver = try PacketReceiver()
    let environment = ["XDG_RUNTIME_DIR": runtime.path, "RUNTIME_DIRECTORY": nil]
    let process = try Program.start(
      "affectd", ["--input", "demo", "--osc", "127.0.0.1:\(receiver.port)"], environment: environment)
    // The socket listens before the first packet.
    #expect(receiver.next() != nil)
    let pipe = try OwnedPipe()
    let monitor = try Program.start("affectctl", ["monitor"], environment: environment, output: pipe.writing)
    let lines = LineReader(descriptor: pipe.reading, keeping: pipe)
    #expect(try lines.next()?.contains("\"type\":\"hello\"") == true)
    process.signal(SIGTERM)
    #expect(process.wait() == 0)
    // The monitor ends with the daemon.
    #expect(monitor.wait() == 0)
  }

  @Test func aConfigurationFileIsReadAndTheCommandLineWins() throws {
    let configuration = try directory.write(
      """
      [input]
      source = "demo"
      [tracking]
      hop = 0.2
      [osc]
      enabled = false
      """, to: "affectd.toml")
    let daemon = try Daemon(["--config", configuration, "--hop", "0.1"])
    let hello = try #require(try SocketClient(daemon.socket).next())
    #expect(hello["input"] as? String == "demo")
    #expect(hello["hop"] as? Double == 0.1)
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test(arguments: [
    ("[tracking]\nhop = \"fast\"", "tracking.hop"), ("[tracking]\nhop = 99", "tracking.hop"),
    ("[tracking]\nhopp = 1", "tracking.hopp"), ("hop = 1", "did you mean tracking.hop?"),
    ("[osc]\ndestinations = [\"x\"]", "line 2: osc.destinations"),
    ("[input]\nsource = \"radio\"", "radio"), ("[input\n", "line 1"), ("[embedding]\nname = \"x\"", "embedding.name"),
  ])
  func mistakesInTheConfigurationNameFileAndKey(text: String, mention: String) throws {
    let path = try directory.write(text, to: "bad.toml")
    let result = try Program.run("affectd", ["--config", path, "--socket", directory.file("x.sock")])
    #expect(result.status == 78, "\(result.errors)")
    #expect(result.errors.contains(path) && result.errors.contains(mention), "\(result.errors)")
  }

  @Test func theShippedConfigurationIsValidAndChangesNothing() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let daemon = try Daemon(["--config", "\(root)/etc/affectd.toml", "--input", "demo"])
    let hello = try #require(try SocketClient(daemon.socket).next())
    #expect(hello["hop"] as? Double == 0.5)
    #expect(daemon.startMessages.contains("affectd: OSC to 127.0.0.1:9000"))
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test func aNetworkThatIsTooSlowForALiveInputSkipsTicksAndCountsThem() throws {
    let card = try TestCard()
    try card.add(
      playing: TestSignal.music(seconds: 2, rate: 48_000).bytesS16, format: "S16_LE", channels: 1, rate: 48_000)
    let model = directory.file("model.safetensors")
    try EmotionModelWriter.write(embedding: "openl3-mel256-6144", dimension: 6144, to: model)
    // On the portable kernels a window of OpenL3 takes well over the 50 ms that it has.
    var environment = card.environment
    environment["AFFECTD_KERNELS"] = "portable"
    let daemon = try Daemon(
      [
        "--input", "alsa:testcard", "--hop", "0.05", "--embedding", "openl3-6144", "--model", model,
        "--weights", Fixture.path("openl3-mel256-random-weights.safetensors"),
      ], environment: environment)
    let client = try SocketClient(daemon.socket)
    _ = try client.next()
    var ticks: [Int] = []
    // A fast machine needs more ticks until one is late.
    var isSkipped = false
    while ticks.last ?? 0 < 100 || !isSkipped && ticks.last ?? 0 < 1000 {
      let line = try #require(try client.next { $0["seq"] != nil })
      let number = try #require(line["seq"] as? Int)
      if let last = ticks.last, last >= 20, number > last + 1 { isSkipped = true }
      ticks.append(number)
    }
    daemon.signal(SIGTERM)
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0)
    let tracked = ticks.drop { $0 < 20 }
    #expect(zip(tracked, tracked.dropFirst()).contains { $1 > $0 + 1 })
    #expect(messages.contains { $0.contains("ticks skipped") })
    #expect(ticks == ticks.sorted())
  }
}
