import Foundation
import TestSupport
import Testing

/// What the daemon tells systemd, heard by a socket of the test in systemd's place. The real systemd is in
/// Tests/System.
@Suite(.serialized) struct ServiceManagerTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  @Test func readinessStateAndSignsOfLifeAreTold() throws {
    let manager = try NotificationReceiver(directory.file("notify"))
    let daemon = try Daemon(
      ["--input", "alsa:no_such_device", "--wait"],
      environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"], isService: true)
    let ready = try #require(manager.next { $0.contains("READY=1") })
    #expect(ready.contains("STATUS="))
    // Nothing is there to listen to: it is alive all the same.
    for _ in 0..<5 { #expect(manager.next { $0 == "WATCHDOG=1" } != nil) }
    daemon.signal(SIGHUP)
    let reloading = try #require(manager.next { $0.contains("RELOADING=1") })
    #expect(reloading.contains("MONOTONIC_USEC="))
    #expect(manager.next { $0.contains("READY=1") } != nil)
    daemon.signal(SIGTERM)
    #expect(manager.next { $0 == "STOPPING=1" } != nil)
    #expect(try daemon.waitForEnd().status == 0)
  }

  /// The file is as large as a configuration can be, so that reading it takes a while.
  @Test func whatIsSetDuringAReloadStays() throws {
    let manager = try NotificationReceiver(directory.file("notify2"))
    let filler = String(repeating: "# \(String(repeating: "-", count: 97))\n", count: 10_000)
    let path = try directory.write("[input]\ngain = -3.0\n" + filler, to: "large.toml")
    let daemon = try Daemon(
      ["--input", "tone:440", "--config", path], environment: ["NOTIFY_SOCKET": manager.path], isService: true)
    let client = try SocketClient(daemon.socket)
    func gain() throws -> Double? {
      client.send(#"{"jsonrpc":"2.0","id":"state","method":"get_state"}"# + "\n")
      return (try client.next { $0["id"] as? String == "state" }?["result"] as? [String: Any])?["gain"] as? Double
    }
    _ = try #require(manager.next { $0.contains("READY=1") })
    for round in 1...5 {
      daemon.signal(SIGHUP)
      _ = try #require(manager.next { $0.contains("RELOADING=1") })
      client.send(#"{"jsonrpc":"2.0","id":1,"method":"set","params":{"gain":\#(round)}}"# + "\n")
      _ = try #require(manager.next { $0.contains("READY=1") })
      #expect(try gain() == Double(round))
    }
    daemon.signal(SIGHUP)
    _ = try #require(manager.next { $0.contains("READY=1") })
    #expect(try gain() == -3)
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test func aDamagedCalibrationDoesNotKeepAReloadUp() throws {
    let manager = try NotificationReceiver(directory.file("notify3"))
    _ = try directory.write("{broken", to: "calibration.json")
    let path = try directory.write("", to: "empty.toml")
    let daemon = try Daemon(
      ["--input", "tone:440", "--config", path],
      environment: ["NOTIFY_SOCKET": manager.path, "STATE_DIRECTORY": directory.path], isService: true)
    #expect(daemon.startMessages.contains { $0.contains("is no calibration") })
    _ = try #require(manager.next { $0.contains("READY=1") })
    daemon.signal(SIGHUP)
    #expect(try #require(manager.next { $0.contains("READY=1") }).contains("Configuration reloaded"))
    daemon.signal(SIGTERM)
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0 && messages.contains { $0.contains("is no calibration") })
  }

  @Test func underTheJournalEveryLineHasItsPriority() throws {
    let pipe = try OwnedPipe()
    var status = stat()
    #expect(fstat(pipe.writing, &status) == 0)
    let process = try Program.start(
      "affectd", ["--input", "alsa:no_such_device", "--socket", directory.file("j.sock")],
      // Without a directory of its own libpulse, where ALSA loads it, writes lines of its own.
      environment: ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)", "XDG_RUNTIME_DIR": directory.path],
      errors: pipe.writing)
    pipe.closeWriting()
    let reader = LineReader(descriptor: pipe.reading, keeping: pipe)
    var lines: [String] = []
    while let line = try reader.next() { lines.append(line) }
    #expect(process.wait() == 66)
    #expect(lines.count > 1)
    #expect(lines.allSatisfy { $0.hasPrefix("<2>") }, "\(lines)")
  }
}

/// A datagram socket that takes notifications.
private final class NotificationReceiver {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw ChildProcess.Failure(String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }

  /// The next notification that fits; nil if none comes within a minute.
  func next(where fits: (String) -> Bool) -> String? {
    while true {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&request, 1, 60_000) > 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      guard count > 0 else { return nil }
      let text = String(decoding: bytes[..<count], as: UTF8.self)
      if fits(text) { return text }
    }
  }
}
