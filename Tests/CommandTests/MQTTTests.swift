import Foundation
import Platform
import TestSupport
import Testing

/// The real daemon and a real broker, Eclipse Mosquitto.
@Suite(.enabled(if: Broker.isThere, "SKIPPED: there is no mosquitto: make setup-test"))
struct MQTTTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func configuration(_ lines: String) throws -> String {
    try directory.write(
      "[input]\nsource = \"demo\"\n[tracking]\nhop = 0.1\n[osc]\nenabled = false\n[mqtt]\nhost = \"127.0.0.1\"\n\(lines)\n",
      to: "affectd.toml")
  }

  private func start(_ lines: String) throws -> Daemon {
    try Daemon(["--config", try configuration(lines)], isService: true)
  }

  /// What it says of the broker first that is wrong, perhaps while it starts.
  private func message(_ daemon: Daemon) throws -> String {
    let text = "warning: MQTT broker"
    return try daemon.startMessages.first { $0.contains(text) } ?? daemon.nextMessage(with: text) ?? "nothing"
  }

  /// Waits, tick by tick, until affectd's state says `condition` of the broker. No tick is missing meanwhile.
  private func wait(_ daemon: Daemon, _ condition: ([String: Any]) -> Bool) throws {
    let client = try SocketClient(daemon.socket)
    var last: Int?
    for _ in 0..<1000 {
      let tick = try #require(try client.next { $0["seq"] != nil }?["seq"] as? Int)
      if let last { #expect(tick == last + 1) }
      last = tick
      client.send(#"{"jsonrpc":"2.0","id":1,"method":"get_state"}"# + "\n")
      let result = try client.next { $0["jsonrpc"] != nil }?["result"] as? [String: Any]
      let broker = (result?["mqtt"] as? [String: Any])?["broker"] as? [String: Any]
      if condition(try #require(broker)) { return }
    }
    Issue.record("it does not come")
  }

  @Test func everythingIsThereForWhoComesLater() throws {
    let broker = try Broker()
    let daemon = try start("port = \(broker.port)\nrate = 10")
    #expect(try broker.next("affectd/status") == "online")
    let state = try broker.next("affectd/state") { $0.contains("\"valence\"") }
    let object = try JSONSerialization.jsonObject(with: Data(state.utf8)) as? [String: Any]
    #expect(object?["type"] as? String == "affect" && object?["color"] is [String: Any])
    // What a new subscriber gets is retained.
    let retained = try broker.retained(9)
    #expect(retained.keys.filter { $0.hasPrefix("homeassistant/") }.count == 7)
    for (topic, payload) in retained where topic.hasPrefix("homeassistant/") {
      let entity = try #require(try JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any])
      #expect(entity["state_topic"] as? String == "affectd/state", "\(topic)")
      #expect(entity["availability_topic"] as? String == "affectd/status", "\(topic)")
      #expect((entity["device"] as? [String: Any])?["identifiers"] as? [String] == ["affectd"], "\(topic)")
    }
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
    #expect(try broker.next("affectd/status") == "offline")
    #expect(try broker.next("affectd/state").contains("\"state\":\"stopping\""))
  }

  @Test func whoIsKilledIsOffline() throws {
    let broker = try Broker()
    let daemon = try start("port = \(broker.port)\ntopic = \"club/main-room\"\ndiscovery = false")
    #expect(try broker.next("club/main-room/status") == "online")
    #expect(try broker.next("club/main-room/state").contains("\"seq\""))
    daemon.signal(SIGKILL)
    #expect(try broker.next("club/main-room/status") { $0 == "offline" } == "offline")
    #expect(try broker.retained(2).keys.sorted() == ["club/main-room/state", "club/main-room/status"])
  }

  @Test func aBrokerThatIsKilledIsFoundAgain() throws {
    let broker = try Broker()
    let daemon = try start("port = \(broker.port)\nrate = 10")
    try wait(daemon) { $0["problem"] == nil }
    broker.kill()
    #expect(try daemon.nextMessage(with: "MQTT broker 127.0.0.1:\(broker.port): ")?.contains("going on trying") == true)
    try wait(daemon) { $0["problem"] != nil }
    try broker.start()
    try wait(daemon) { $0["problem"] == nil }
    #expect(try broker.next("affectd/status") { $0 == "online" } == "online")
    #expect(try broker.next("affectd/state").contains("\"seq\""))
  }

  @Test func aPasswordComesFromAFile() throws {
    let broker = try Broker(password: ("stage", "open sesame"))
    let wrong = try directory.write("shut sesame\n", to: "password")
    let daemon = try start("port = \(broker.port)\nuser = \"stage\"\npassword_file = \"\(wrong)\"\nrate = 10")
    #expect(
      try message(daemon).contains(
        "the broker refuses: Connection Refused: not authorised (as user 'stage'); going on trying"))
    // It is read at each attempt.
    _ = try directory.write("open sesame\n", to: "password")
    try wait(daemon) { $0["problem"] == nil }
    try FileManager.default.removeItem(atPath: wrong)
    broker.kill()
    try broker.start()
    try wait(daemon) { ($0["problem"] as? String)?.contains("cannot be read: No such file") == true }
  }

  @Test func overTLSTheBrokerHasToBeTheRightOne() throws {
    let authority = try CertificateAuthority(directory)
    let broker = try Broker(authority: authority)
    let otherDirectory = try TemporaryDirectory()
    let other = try CertificateAuthority(otherDirectory)
    let common = "port = \(broker.port)\ntls = true\nrate = 10\n"
    let daemon = try start(common + "ca_file = \"\(other.certificate)\"")
    #expect(try message(daemon).contains("certificate verify failed"))
    _ = try configuration(common + "ca_file = \"\(authority.certificate)\"")
    daemon.signal(SIGHUP)
    #expect(try daemon.nextMessage(with: "configuration reloaded") != nil)
    try wait(daemon) { $0["problem"] == nil }
  }

  /// The old connection says goodbye before the new one says hello.
  @Test func afterAReloadItIsStillOnline() throws {
    let broker = try Broker()
    let daemon = try start("port = \(broker.port)\nrate = 10")
    try wait(daemon) { $0["problem"] == nil }
    for rate in [5, 7] {
      _ = try configuration("port = \(broker.port)\nrate = \(rate)")
      daemon.signal(SIGHUP)
      #expect(try daemon.nextMessage(with: "configuration reloaded") != nil)
    }
    #expect(try broker.next("affectd/status") { $0 == "online" } == "online")
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
    #expect(try broker.next("affectd/status") == "offline")
  }

  /// What stands where the broker should be, and what it does with who connects.
  enum Impostor: String, CaseIterable, Sendable {
    case hangsUp = "c.close()"
    case talksNonsense = "c.sendall(bytes(range(256)) * 4); c.recv(1)"
    case refusesOddly = "c.sendall(b'\\x20\\x02\\x00\\xff'); c.recv(1)"
    /// Accepts, and then sends a message of 256 MB that nobody asked for.
    case floods = "c.sendall(b'\\x20\\x02\\x00\\x00' + b'\\x30\\xff\\xff\\xff\\x7f' + bytes(1 << 22)); c.recv(1 << 20)"
  }

  @Test(arguments: Impostor.allCases)
  func anImpostorHarmsNothing(_ impostor: Impostor) throws {
    let port = try FreePort.find(SOCK_STREAM)
    let script = """
      import socket, threading
      def serve(c):
          try: \(impostor.rawValue)
          except OSError: pass
      s = socket.create_server(('127.0.0.1', \(port)))
      print('ready', flush=True)
      while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
      """
    let pipe = try OwnedPipe()
    let process = try Program.start("/usr/bin/python3", ["-c", script], output: pipe.writing)
    pipe.closeWriting()
    #expect(try LineReader(descriptor: pipe.reading, keeping: pipe).next() == "ready")
    let daemon = try start("port = \(port)\nrate = 10")
    #expect(try message(daemon).contains("127.0.0.1:\(port): "))
    try wait(daemon) { $0["problem"] != nil }
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
    process.signal(SIGKILL)
  }
}

/// Mosquitto on a port of its own.
private final class Broker {
  let port: Int
  private let directory: TemporaryDirectory
  private var process: ChildProcess?
  private var output: LineReader?
  private var client: [String] = []

  static let isThere: Bool = {
    if access("/usr/sbin/mosquitto", X_OK) == 0, access("/usr/bin/mosquitto_sub", X_OK) == 0 { return true }
    print("SKIPPED: there is no mosquitto: nothing is told to an MQTT broker")
    return false
  }()

  init(password: (user: String, word: String)? = nil, authority: CertificateAuthority? = nil) throws {
    directory = try TemporaryDirectory()
    port = try FreePort.find(SOCK_STREAM)
    var lines =
      "log_dest stderr\nlog_type information\nlog_type error\nlistener \(port) 127.0.0.1\nallow_anonymous \(password == nil)\n"
    // Otherwise it becomes a user who may read none of these files.
    if getuid() == 0 { lines += "user root\n" }
    client = ["-h", "127.0.0.1", "-p", "\(port)"]
    if let password {
      let file = directory.file("passwords")
      let result = try Program.run(
        "/usr/bin/mosquitto_passwd", ["-b", "-c", file, password.user, password.word])
      #expect(result.status == 0, "\(result.errors)")
      lines += "password_file \(file)\n"
      client += ["-u", password.user, "-P", password.word]
    }
    if let authority {
      lines += "certfile \(authority.serverCertificate)\nkeyfile \(authority.serverKey)\n"
      client += ["--cafile", authority.certificate]
    }
    _ = try directory.write(lines, to: "mosquitto.conf")
    try start()
  }

  /// Starts it, and waits until it listens.
  func start() throws {
    let pipe = try OwnedPipe()
    process = try Program.start(
      "/usr/sbin/mosquitto", ["-c", directory.file("mosquitto.conf")], errors: pipe.writing)
    pipe.closeWriting()
    let lines = LineReader(descriptor: pipe.reading, keeping: pipe)
    var said: [String] = []
    while let line = try lines.next() {
      said.append(line)
      if line.hasSuffix(" running") {
        // It writes little more; the pipe has room for it.
        output = lines
        return
      }
    }
    throw ChildProcess.Failure("mosquitto does not start: \(said.joined(separator: "\n"))")
  }

  func kill() {
    process?.signal(SIGKILL)
    _ = process?.wait()
  }

  /// The next message of a topic that fits; the retained one is the first.
  func next(_ topic: String, where fits: (String) -> Bool = { _ in true }) throws -> String {
    let pipe = try OwnedPipe()
    let process = try Program.start("/usr/bin/mosquitto_sub", client + ["-t", topic], output: pipe.writing)
    pipe.closeWriting()
    defer { process.signal(SIGKILL) }
    let lines = LineReader(descriptor: pipe.reading, keeping: pipe)
    while let line = try lines.next() {
      if fits(line) { return line }
    }
    throw ChildProcess.Failure("mosquitto_sub ended")
  }

  /// So many retained messages, by their topics.
  func retained(_ count: Int) throws -> [String: String] {
    let result = try Program.run(
      "/usr/bin/timeout",
      ["60", "/usr/bin/mosquitto_sub"] + client + ["-t", "#", "--retained-only", "-C", "\(count)", "-F", "%t %p"])
    #expect(result.status == 0, "\(result.errors)")
    return Dictionary(
      uniqueKeysWithValues: result.lines.map { line in
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        return (parts[0], parts.last ?? "")
      })
  }
}

/// An authority that vouches for 127.0.0.1.
private struct CertificateAuthority {
  let certificate: String
  let serverCertificate: String
  let serverKey: String

  init(_ directory: TemporaryDirectory) throws {
    let key = directory.file("ca.key")
    let request = directory.file("server.csr")
    certificate = directory.file("ca.pem")
    serverCertificate = directory.file("server.pem")
    serverKey = directory.file("server.key")
    let names = try directory.write("subjectAltName=IP:127.0.0.1\n", to: "names")
    let elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for arguments in [
      ["req", "-x509"] + elliptic + ["-keyout", key, "-out", certificate, "-subj", "/CN=test", "-days", "2"],
      ["req"] + elliptic + ["-keyout", serverKey, "-out", request, "-subj", "/CN=127.0.0.1"],
      [
        "x509", "-req", "-in", request, "-CA", certificate, "-CAkey", key, "-CAcreateserial", "-out", serverCertificate,
        "-days", "2", "-extfile", names,
      ],
    ] {
      let result = try Program.run("/usr/bin/openssl", arguments)
      #expect(result.status == 0, "\(result.errors)")
    }
  }
}
