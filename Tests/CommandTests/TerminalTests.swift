import Foundation
import TestSupport
import Testing

/// The real daemon as people start it: on terminals that close, with descriptors that are closed, with limits that are
/// too low, twice at once.
@Suite struct TerminalTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func stop(_ daemon: Daemon) throws -> [String] {
    daemon.signal(SIGTERM)
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0, "\(messages)")
    return messages
  }

  /// Runs affectd by a shell, which can do to it what a test cannot.
  private func shell(_ before: String, _ arguments: String, program: String = "affectd") throws -> Program.Result {
    let command = "\(before) exec '\(Program.directory)/\(program)' \(arguments) --socket '\(directory.file("s.sock"))'"
    return try Program.run("/bin/bash", ["-c", command])
  }

  // MARK: - The terminal

  @Test func aTerminalThatClosesEndsIt() throws {
    let path = directory.file("terminal.sock")
    let pipe = try OwnedPipe()
    // script(1) gives it a terminal of its own.
    let script = try Program.start(
      "/usr/bin/script",
      ["-qefc", "exec '\(Program.directory)/affectd' --input tone:440 --socket '\(path)'", "/dev/null"],
      output: pipe.writing)
    pipe.closeWriting()
    let reader = LineReader(descriptor: pipe.reading, keeping: pipe)
    while let line = try reader.next(), !line.contains("OSC to") {}
    let client = try SocketClient(path)
    script.signal(SIGKILL)
    #expect(try client.next(state: "stopping") != nil)
    while try client.next() != nil {}
    #expect(access(path, F_OK) != 0)
  }

  @Test func underNohupItGoesOn() throws {
    let daemon = try Daemon(["--input", "tone:440"], launcher: ["/usr/bin/nohup"])
    daemon.signal(SIGHUP)
    let client = try SocketClient(daemon.socket)
    client.send(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"# + "\n")
    #expect(try client.next { $0["jsonrpc"] != nil } != nil)
    let messages = try stop(daemon)
    #expect(!messages.contains { $0.contains("reload") })
  }

  /// timeout(1) sends its signal to the program, and again to its group.
  @Test func theSameSignalTwiceInAMomentIsOne() throws {
    let daemon = try Daemon(["--input", "tone:440", "--hop", "0.05"], isService: true)
    let client = try SocketClient(daemon.socket)
    _ = try client.next { $0["seq"] != nil }
    for _ in 0..<3 { daemon.signal(SIGTERM) }
    #expect(try daemon.waitForEnd().status == 0)
    #expect(try client.next(state: "stopping") != nil)
  }

  @Test func aSecondSignalEndsItAtOnce() throws {
    let daemon = try Daemon(["--input", "tone:440"])
    // Both are there before it can do anything.
    daemon.signal(SIGSTOP)
    daemon.signal(SIGTERM)
    daemon.signal(SIGINT)
    daemon.signal(SIGCONT)
    let status = try daemon.waitForEnd().status
    #expect(status == 128 + SIGTERM || status == 128 + SIGINT)
  }

  /// Nobody reads what `--show` writes.
  @Test func aPagerThatStandsStillHoldsUpNothing() throws {
    let pager = try OwnedPipe()
    let full = [UInt8](repeating: 32, count: 4096)
    while send(pager.writing, full, full.count, Int32(MSG_DONTWAIT)) > 0 {}
    let daemon = try Daemon(["--input", "demo", "--hop", "0.05", "--show"], output: pager.writing)
    let client = try SocketClient(daemon.socket)
    for _ in 0..<20 { #expect(try client.next { $0["seq"] != nil } != nil) }
    _ = try stop(daemon)
  }

  // MARK: - Descriptors

  @Test func descriptorsThatAreClosedAreNotTakenByAnythingElse() throws {
    let daemon = try Daemon(
      ["--input", "tone:440", "--osc", "127.0.0.1:9"], launcher: ["/bin/bash", "-c", "exec \"$@\" <&- >&-", "sh"])
    for descriptor in [0, 1] {
      let target = try FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/\(daemon.identifier)/fd/\(descriptor)")
      #expect(target == "/dev/null")
    }
    _ = try stop(daemon)
  }

  @Test func aStandardInputThatIsClosedIsAnError() throws {
    let result = try shell("", "--input stdin:16000,1,s16le <&-")
    #expect(result.status == 66)
    #expect(result.errors.contains("standard input is closed"))
  }

  @Test func aConfigurationThatIsAFIFOIsNotWaitedFor() throws {
    let path = directory.file("fifo.toml")
    #expect(mkfifo(path, 0o600) == 0)
    let result = try Program.run("affectd", ["--check", "--config", path])
    #expect(result.status == 78 && result.errors.contains("not a regular file"))
  }

  // MARK: - Limits

  @Test(arguments: ["affectd", "affectctl"], [150_000, 200_000, 400_000])
  func withTooLittleAddressSpaceItSaysSo(_ program: String, _ limit: Int) throws {
    let arguments = program == "affectd" ? "--input tone:440" : "ping"
    let result = try shell("ulimit -v \(limit);", arguments, program: program)
    #expect(result.status == 69)
    #expect(result.errors.hasPrefix("\(program): the address space is limited to \(limit / 1024) MiB"), "\(result)")
  }

  @Test(arguments: [12, 64, 256]) func withTooFewDescriptorsItSaysSo(_ limit: Int) throws {
    let result = try shell("ulimit -n \(limit);", "--input tone:440")
    #expect(result.status == 69)
    #expect(result.errors.contains("this process may open only \(limit) files"), "\(result)")
  }

  private func stats(_ client: SocketClient) throws -> [String: Any] {
    client.send(#"{"jsonrpc":"2.0","id":1,"method":"get_stats"}"# + "\n")
    return try #require(try client.next { $0["jsonrpc"] != nil }?["result"] as? [String: Any])
  }

  @Test func thereAreNoMoreClientsThanDescriptors() throws {
    let daemon = try Daemon(
      ["--input", "tone:440", "--hop", "0.1"], launcher: ["/bin/bash", "-c", "ulimit -n 268; exec \"$@\"", "sh"])
    #expect(daemon.startMessages.contains { $0.contains("there are descriptors for 12 only") })
    let clients = try (0..<40).map { _ in try SocketClient(daemon.socket) }
    // The first twelve are served, the others are turned away.
    for (index, client) in clients.enumerated() {
      #expect(try (client.next()?["type"] as? String == "hello") == (index < 12), "\(index)")
    }
    let socket = try #require(try stats(clients[0])["socket"] as? [String: Any])
    #expect(socket["clients"] as? Int == 12 && socket["refused_clients"] as? Int == 28, "\(socket)")
    withExtendedLifetime(clients) {}
    let messages = try stop(daemon)
    #expect(messages.contains { $0.contains("a client was turned away, since there are 12 already") })
  }

  @Test func withoutADescriptorItWaitsForOne() throws {
    let daemon = try Daemon(["--input", "tone:440", "--hop", "0.1"])
    let first = try SocketClient(daemon.socket)
    _ = try first.next { $0["seq"] != nil }
    let limit = { (text: String) throws in
      let result = try Program.run("/usr/bin/prlimit", ["--pid", "\(daemon.identifier)", "--nofile=\(text):"])
      #expect(result.status == 0, "\(result.errors)")
    }
    try limit("4")
    let second = try SocketClient(daemon.socket)
    #expect(try daemon.nextMessage(with: "socket: no connection can be accepted: Too many open files") != nil)
    // Whoever is there is served.
    for _ in 0..<3 { #expect(try first.next { $0["seq"] != nil } != nil) }
    try limit("1024")
    #expect(try second.next()?["type"] as? String == "hello")
    #expect(try daemon.nextMessage(with: "socket: connections are accepted again") != nil)
    _ = try stop(daemon)
  }

  // MARK: - The socket

  @Test func ofSeveralThatStartAtOnceOneListens() throws {
    let path = directory.file("same.sock")
    for _ in 0..<3 {
      // A socket that somebody left behind.
      unlink(path)
      let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let isBound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
        }
      }
      #expect(isBound)
      close(stale)
      let pipe = try OwnedPipe()
      let processes = try (0..<6).map { _ in
        try Program.start("affectd", ["--input", "tone:440", "--socket", path], errors: pipe.writing)
      }
      pipe.closeWriting()
      let reader = LineReader(descriptor: pipe.reading, keeping: pipe)
      var (listening, refused) = (0, 0)
      while listening + refused < 6, let line = try reader.next() {
        if line.contains("OSC to") { listening += 1 }
        if line.contains("another affectd listens there already") { refused += 1 }
      }
      #expect(listening == 1 && refused == 5)
      let client = try SocketClient(path)
      #expect(try client.next()?["type"] as? String == "hello")
      for process in processes { process.signal(SIGTERM) }
      #expect(processes.map { $0.wait() }.sorted() == [0, 69, 69, 69, 69, 69])
      #expect(access(path, F_OK) != 0)
    }
  }

  @Test func aSocketOfTheSameNameThatIsAnothersStays() throws {
    let daemon = try Daemon(["--input", "tone:440"])
    unlink(daemon.socket)
    try "mine".write(toFile: daemon.socket, atomically: false, encoding: .utf8)
    _ = try stop(daemon)
    #expect(try String(contentsOfFile: daemon.socket, encoding: .utf8) == "mine")
  }

  // MARK: - The tool

  @Test func aDaemonThatIsStoppedIsNotWaitedForForEver() throws {
    let daemon = try Daemon(["--input", "tone:440"])
    daemon.signal(SIGSTOP)
    for command in [["state"], ["monitor"], ["record", directory.file("stopped.jsonl")]] {
      let result = try Program.run("affectctl", command + ["--socket", daemon.socket])
      #expect(result.status == 69 && result.errors.contains("affectd does not answer"), "\(result)")
    }
    daemon.signal(SIGCONT)
    _ = try stop(daemon)
  }

  @Test func aCalibrationEndsWithItsClient() throws {
    let daemon = try Daemon(["--input", "demo", "--hop", "0.1"])
    let second = try SocketClient(daemon.socket)
    do {
      let first = try SocketClient(daemon.socket)
      _ = try first.next { $0["seq"] != nil }
      first.send(#"{"jsonrpc":"2.0","id":1,"method":"calibrate","params":{"seconds":600}}"# + "\n")
      first.send(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"# + "\n")
      #expect(try first.next { $0["jsonrpc"] != nil }?["id"] as? Int == 2)
      second.send(#"{"jsonrpc":"2.0","id":3,"method":"calibrate"}"# + "\n")
      let refused = try second.next { $0["jsonrpc"] != nil }
      #expect((refused?["error"] as? [String: Any])?["message"] as? String == "a calibration is running already")
    }
    while try (stats(second)["socket"] as? [String: Any])?["clients"] as? Int != 1 {}
    second.send(#"{"jsonrpc":"2.0","id":4,"method":"calibrate","params":{"seconds":600}}"# + "\n")
    second.send(#"{"jsonrpc":"2.0","id":5,"method":"ping"}"# + "\n")
    // It runs: only the ping is answered.
    #expect(try second.next { $0["jsonrpc"] != nil }?["id"] as? Int == 5)
    _ = try stop(daemon)
  }

  @Test func aCalibrationWithoutAudioIsRefused() throws {
    let daemon = try Daemon(["--input", "alsa:no_such_device", "--wait"])
    let result = try Program.run("affectctl", ["calibrate", "--socket", daemon.socket])
    #expect(result.status == 69 && result.errors.contains("there is no audio to measure"), "\(result)")
    _ = try stop(daemon)
  }

  @Test func onlyWhatChangesIsLogged() throws {
    let daemon = try Daemon(["--input", "tone:440"])
    let client = try SocketClient(daemon.socket)
    for method in ["resume", "pause", "pause", "resume", "freeze", "freeze", "resume", "resume", "reset", "reset"] {
      for _ in 0..<20 { client.send(#"{"jsonrpc":"2.0","method":"\#(method)"}"# + "\n") }
    }
    client.send(#"{"jsonrpc":"2.0","id":"last","method":"ping"}"# + "\n")
    _ = try client.next { $0["id"] as? String == "last" }
    let messages = try stop(daemon)
    for (text, count) in [("paused:", 1), ("resumed", 2), ("frozen:", 1), ("reset:", 1)] {
      #expect(messages.count { $0.contains(text) } == count, "\(messages)")
    }
  }

  // MARK: - Replay

  private let hello = #"{"type":"hello","protocol":1,"hop":0.1}"#

  @Test(arguments: [[], ["--repeat"]]) func aRecordingOfNothingIsRefused(_ options: [String]) throws {
    let file = try directory.write(hello + "\n", to: "empty\(options.count).jsonl")
    let result = try Program.run(
      "affectctl", ["replay", file, "--socket", directory.file("e\(options.count).sock")] + options)
    #expect(result.status == 65 && result.errors.contains("holds nothing that could be published"), "\(result)")
  }

  @Test func aReplayThatIsInterruptedSaysGoodbyeAndLeavesNothing() throws {
    let line =
      #"{"type":"affect","seq":1,"audio_time":0.1,"unix_time":1000,"valence":0.5,"arousal":0.5,"level":-20,"state":"tracking"}"#
    let file = try directory.write(hello + "\n" + line + "\n", to: "one.jsonl")
    let receiver = try PacketReceiver()
    let path = directory.file("replay.sock")
    let replay = try Program.start(
      "affectctl", ["replay", file, "--repeat", "--socket", path, "--osc", "127.0.0.1:\(receiver.port)"])
    for _ in 0..<3 { #expect(receiver.next() != nil) }
    replay.signal(SIGINT)
    #expect(replay.wait() == 0)
    #expect(access(path, F_OK) != 0)
    var last: [UInt8] = []
    while receiver.hasNext, let packet = receiver.next() { last = packet }
    #expect(String(decoding: last, as: UTF8.self).contains("stopping"))
  }
}
