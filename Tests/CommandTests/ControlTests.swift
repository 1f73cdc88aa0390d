import Foundation
import TestSupport
import Testing

/// Steering and observing the real daemon while it runs.
@Suite(.serialized) struct ControlTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func control(_ daemon: Daemon, _ arguments: [String]) throws -> Program.Result {
    try Program.run("affectctl", arguments + ["--socket", daemon.socket])
  }

  private func json(_ daemon: Daemon, _ command: String) throws -> [String: Any] {
    let result = try control(daemon, [command, "--json"])
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  /// The port of the destination `a` in the configuration that is in effect.
  private func port(_ daemon: Daemon) throws -> Int? {
    let osc = try json(daemon, "config")["osc"] as? [String: Any]
    return (osc?["a"] as? [String: Any])?["port"] as? Int
  }

  private func end(_ daemon: Daemon) throws -> [String] {
    daemon.signal(SIGTERM)
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0, "\(messages)")
    return messages
  }

  @Test func theDaemonIsSteeredByTheCommandLineTool() throws {
    let daemon = try Daemon(["--input", "demo", "--hop", "0.1"])
    #expect(try control(daemon, ["ping"]).output == "pong\n")
    let client = try SocketClient(daemon.socket)
    _ = try client.next { $0["valence"] != nil }

    let answer = try control(daemon, ["freeze"]).output
    #expect(answer.hasPrefix("frozen at valence ") && answer.hasSuffix(", until affectctl resume\n"))
    let frozen = try #require(try client.next { $0["frozen"] as? Bool == true })
    let next = try #require(try client.next())
    #expect(next["valence"] as? Double == frozen["valence"] as? Double)
    #expect(try json(daemon, "state")["frozen"] as? Bool == true)
    #expect(try control(daemon, ["resume"]).output == "resumed: the values are published, and follow the music\n")
    _ = try #require(try client.next { $0["frozen"] == nil && $0["raw"] != nil })

    #expect(try control(daemon, ["mark", "drop"]).output == "marked: drop\n")
    #expect(try client.next { $0["type"] as? String == "mark" }?["label"] as? String == "drop")

    #expect(
      try control(daemon, ["set", "--smoothing", "none", "--gain", "-6", "--offset", "-250"]).output
        == "set: smoothing none, gain -6.0 dB, offset -250 ms, until affectd ends or reads its configuration again\n")
    let line = try #require(
      try client.next { line in
        guard let raw = line["raw"] as? [String: Double] else { return false }
        return raw["valence"] == line["valence"] as? Double
      })
    #expect(line["valence"] != nil)
    let state = try json(daemon, "state")
    #expect(state["gain"] as? Double == -6 && state["offset"] as? Double == -250)
    let configuration = try json(daemon, "config")
    #expect((configuration["tracking"] as? [String: Any])?["smoothing"] as? String == "none")
    let refused = try control(daemon, ["set", "--gain", "99"])
    #expect(refused.status == 69 && refused.errors.contains("-40 to 40"))

    #expect(try control(daemon, ["pause"]).output.hasPrefix("paused: nothing is published until affectctl resume"))
    #expect(try control(daemon, ["state"]).output.contains("PAUSED: nothing is published until affectctl resume"))
    #expect(try json(daemon, "state")["paused"] as? Bool == true)
    #expect(try control(daemon, ["resume"]).status == 0)
    #expect(try control(daemon, ["reset"]).output.hasPrefix("reset: there are no values until"))
    #expect(try client.next(state: "warmingUp") != nil)
    #expect(try json(daemon, "stats")["latency"] != nil)
    _ = try end(daemon)
  }

  @Test func withoutADaemonTheToolSaysWhereItLooked() throws {
    let path = directory.file("none.sock")
    let result = try Program.run("affectctl", ["state", "--socket", path])
    #expect(result.status == 69 && result.errors.contains(path))
  }

  @Test func aChangedConfigurationTakesEffectAndABrokenOneDoesNot() throws {
    let (first, second) = (try PacketReceiver(), try PacketReceiver())
    let text = { (port: Int, more: String) in
      "[osc.a]\nhost = \"127.0.0.1\"\nport = \(port)\nvalues = [\"level\"]\n\(more)"
    }
    let path = try directory.write(text(first.port, ""), to: "affectd.toml")
    let daemon = try Daemon(["--input", "demo", "--hop", "0.1", "--config", path], isService: true)
    let client = try SocketClient(daemon.socket)
    #expect(first.next() != nil)
    var last = try #require(try client.next { $0["seq"] != nil }?["seq"] as? Int)

    try text(second.port, "[tracking]\nhop = 0.2\n[input]\nchannel = \"left\"").write(
      toFile: path, atomically: true, encoding: .utf8)
    daemon.signal(SIGHUP)
    #expect(second.next() != nil)
    #expect(try port(daemon) == second.port)

    try "[osc\n".write(toFile: path, atomically: true, encoding: .utf8)
    daemon.signal(SIGHUP)
    // Not one tick is missing in all of this.
    for _ in 0..<20 {
      let tick = try #require(try client.next { $0["seq"] != nil }?["seq"] as? Int)
      #expect(tick == last + 1)
      last = tick
    }
    #expect(try port(daemon) == second.port)
    let messages = try end(daemon)
    #expect(messages.contains { $0.contains("reloaded") }, "\(messages)")
    #expect(messages.contains { $0.contains("input.channel") && $0.contains("next start") }, "\(messages)")
    #expect(messages.contains { $0.contains("stays as it was") && $0.contains("line 1") }, "\(messages)")
  }

  @Test func aConfigurationCanBeTestedWithoutStarting() throws {
    let good = try directory.write("[tracking]\nhop = 0.2\n", to: "good.toml")
    let valid = try Program.run("affectd", ["--check", "--config", good])
    #expect(valid.status == 0 && valid.output.contains(good), "\(valid.errors)")
    let bad = try directory.write("\n[tracking]\nhopp = 0.2\n", to: "bad.toml")
    let invalid = try Program.run("affectd", ["--check", "--config", bad])
    #expect(invalid.status == 78)
    #expect(invalid.errors.contains("line 3") && invalid.errors.contains("tracking.hop?"), "\(invalid.errors)")
    let missing = try directory.write("[model]\nfile = \"/proc/nonexistent\"\n", to: "missing.toml")
    #expect(try Program.run("affectd", ["--check", "--config", missing]).status == 66)
  }

  @Test func aCalibrationIsKeptForItsInputFromOneStartToTheNext() throws {
    let environment = ["XDG_STATE_HOME": directory.path]
    let daemon = try Daemon(["--input", "tone:1000"], environment: environment)
    // Before the networks are ready there is nothing to measure.
    _ = try SocketClient(daemon.socket).next { $0["seq"] != nil }
    let result = try control(daemon, ["calibrate", "--seconds", "5", "--json"])
    #expect(result.status == 0, "\(result.errors)")
    let found = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    // A sine of 1 kHz, 6 dB under full scale, on one channel: -3.01 (one channel) - 6.02 dB.
    #expect(abs(try #require(found["loudness"] as? Double) + 9.0) < 0.3)
    let gain = try #require(found["gain"] as? Double)
    let nowhere = try control(daemon, ["calibrate", "--plot", "/nonexistent/x.svg"])
    #expect(nowhere.status == 73 && nowhere.errors.hasPrefix("affectctl: /nonexistent/x.svg"), "\(nowhere.errors)")
    // Five seconds are too few for a filter.
    #expect(found["filter"] is NSNull)
    #expect(abs(gain + 8.4) < 0.3)
    _ = try end(daemon)
    let again = try Daemon(["--input", "tone:1000"], environment: environment)
    #expect(abs(try #require(try json(again, "state")["gain"] as? Double) - gain) < 0.1)
    _ = try end(again)
    let other = try Daemon(["--input", "demo"], environment: environment)
    #expect(try json(other, "state")["gain"] as? Double == 0)
    _ = try end(other)
  }

  @Test func aRecordingIsReplayedWithItsValuesMarksAndTiming() throws {
    let recording = directory.file("show.ndjson")
    let daemon = try Daemon(["--input", "demo", "--hop", "0.1"])
    let recorder = try Program.start("affectctl", ["record", recording, "--socket", daemon.socket])
    let client = try SocketClient(daemon.socket)
    _ = try client.next { $0["valence"] != nil }
    _ = try control(daemon, ["mark", "chorus"])
    _ = try client.next { $0["type"] as? String == "mark" }
    _ = try client.next { $0["valence"] != nil }
    _ = try end(daemon)
    #expect(recorder.wait() == 0)
    #expect(try Program.run("affectctl", ["record", recording, "--socket", daemon.socket]).status != 0)

    let lines = try String(contentsOfFile: recording, encoding: .utf8).split(separator: "\n").map(String.init)
    let recorded = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let receiver = try PythonOSC()
    let socket = directory.file("replay.sock")
    let pipe = try OwnedPipe()
    let replay = try Program.start(
      "affectctl", ["replay", recording, "--socket", socket, "--osc", "127.0.0.1:\(receiver.port)"],
      errors: pipe.writing)
    _ = try LineReader(descriptor: pipe.reading, keeping: pipe).next()
    let listener = try SocketClient(socket)
    #expect(try listener.next()?["input"] as? String == "replay:\(recording)")
    let replayed = try { () -> [[String: Any]] in
      var all: [[String: Any]] = []
      while let line = try listener.next() { all.append(line) }
      return all
    }()
    #expect(replay.wait() == 0)
    #expect(replayed.contains { $0["type"] as? String == "mark" && $0["label"] as? String == "chorus" })
    let originals = Dictionary(
      recorded.compactMap { line in (line["seq"] as? Int).map { ($0, line) } }, uniquingKeysWith: { first, _ in first })
    let ticks = replayed.filter { $0["seq"] != nil }
    #expect(ticks.contains { $0["valence"] != nil })
    let shifts = try ticks.map { line in
      let tick = try #require(line["seq"] as? Int)
      let original = try #require(originals[tick])
      for field in ["valence", "arousal", "level", "audio_time"] {
        #expect(line[field] as? Double == original[field] as? Double, "\(field)")
      }
      #expect(line["state"] as? String == original["state"] as? String)
      return try #require(line["unix_time"] as? Double) - #require(original["unix_time"] as? Double)
    }
    // The stamps keep their distances.
    let spread = try #require(shifts.max()) - #require(shifts.min())
    #expect(spread < 1e-3)
    #expect(try !receiver.nextBundle { $0["/affect/valence"] != nil }.isEmpty)
  }

  @Test func aBrokenRecordingIsRefusedWithItsLine() throws {
    let path = try directory.write(
      "{\"type\":\"hello\",\"protocol\":1,\"hop\":0.5}\n{\"type\":\"affect\",\"seq\":0}\n", to: "broken.ndjson")
    let result = try Program.run("affectctl", ["replay", path, "--socket", directory.file("x.sock")])
    #expect(result.status == 65)
    #expect(result.errors.contains(path) && result.errors.contains("line 2"), "\(result.errors)")
  }
}
