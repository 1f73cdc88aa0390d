import Affect
import Foundation
import NIOCore
import NIOPosix
import Platform
import Publishing
import TestSupport
import Testing

/// The Unix socket with real clients.
@Suite(.ownThreads) struct SocketServerTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Listens on `path`, where every command is answered with its name.
  private func listen(_ path: String, hello: String = #"{"type":"hello"}"#, clientLimit: Int = 100) async throws
    -> SocketServer
  {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    return try await SocketServer.listen(.path(path), hello: hello, clientLimit: clientLimit, on: loop) { command in
      var line = JSONLine()
      line.add("command", "\(command)")
      if case .mark("refuse") = command { return loop.makeFailedFuture(Failure(.usage, "refused")) }
      return loop.makeSucceededFuture(line)
    }
  }

  /// Runs `body` with a server on a path of its own, and closes it.
  private func withServer(
    _ path: String, clientLimit: Int = 100, _ body: @Sendable (SocketServer) async throws -> Void
  ) async throws {
    let server = try await listen(path, clientLimit: clientLimit)
    do {
      try await body(server)
    } catch {
      await server.close()
      throw error
    }
    await server.close()
  }

  private func publish(_ server: SocketServer, _ number: Int, padding: Int = 0) {
    let json = "{\"seq\":\(number),\"padding\":\"\(String(repeating: "x", count: padding))\"}"
    server.eventLoop.execute { server.publishEvent(json) }
  }

  private func estimate(_ tick: Int, state: TrackerState = .tracking) -> AffectLine {
    let values = AffectEstimate.Values(
      smoothed: Affect(valence: 0.25, arousal: -0.5), raw: Affect(valence: 0.5, arousal: -1))
    return AffectLine(
      AffectEstimate(tick: tick, audioTime: Double(tick) * 0.25, values: values, level: -20, state: state),
      unixTime: 1e9 + Double(tick) * 0.25)
  }

  @Test func everyClientGetsHelloAndThenEveryLine() async throws {
    try await withServer(directory.file("a.sock")) { server in
      let path = directory.file("a.sock")
      let clients = try (0..<20).map { _ in try SocketClient(path) }
      // The hello line says that the server knows the client.
      for client in clients { #expect(try client.next()?["type"] as? String == "hello") }
      for number in 1...50 { publish(server, number) }
      for client in clients {
        for number in 1...50 { #expect(try client.next()?["seq"] as? Int == number) }
      }
    }
  }

  @Test func aClientThatNeverReadsDelaysNobodyAndLosesItsOldestLines() async throws {
    try await withServer(directory.file("b.sock")) { server in
      let path = directory.file("b.sock")
      let (lazy, eager) = (try SocketClient(path), try SocketClient(path))
      _ = try eager.nextLine()
      let count = 5000
      for number in 1...count {
        publish(server, number, padding: 1000)
        #expect(try eager.next()?["seq"] as? Int == number)
      }
      // 5 MB do not fit into the buffers between here and there: the lazy client has a hole, and then the newest.
      _ = try lazy.nextLine()
      var received: [Int] = []
      while received.last != count { received.append(try #require(try lazy.next()?["seq"] as? Int)) }
      #expect(received.count < count)
      #expect(received == received.sorted())
      #expect(Array(received.suffix(SocketServer.queueLimit)) == Array(count - SocketServer.queueLimit + 1...count))
    }
  }

  @Test func aClientThatHasNothingToSayGoesOnListening() async throws {
    try await withServer(directory.file("c.sock")) { server in
      let path = directory.file("c.sock")
      let client = try SocketClient(path)
      client.shutdownWriting()
      _ = try client.nextLine()
      publish(server, 1)
      publish(server, 2)
      #expect(try client.next()?["seq"] as? Int == 1)
      #expect(try client.next()?["seq"] as? Int == 2)
    }
  }

  @Test func clientsComeAndGo() async throws {
    try await withServer(directory.file("d.sock")) { server in
      let path = directory.file("d.sock")
      let stays = try SocketClient(path)
      _ = try stays.nextLine()
      for number in 1...200 {
        let guest = try SocketClient(path)
        if number % 2 == 0 { _ = try guest.nextLine() }
        publish(server, number)
      }
      for number in 1...200 { #expect(try stays.next()?["seq"] as? Int == number) }
    }
  }

  @Test func closingDeliversWhatWaitsEndsTheStreamAndRemovesTheSocket() async throws {
    let path = directory.file("e.sock")
    let server = try await listen(path, hello: "{}")
    let client = try SocketClient(path)
    _ = try client.nextLine()
    for number in 1...100 { publish(server, number) }
    await server.close()
    for number in 1...100 { #expect(try client.next()?["seq"] as? Int == number) }
    #expect(try client.nextLine() == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func ownerAndGroupMayConnect() async throws {
    try await withServer(directory.file("f.sock")) { server in
      let path = directory.file("f.sock")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o660)
    }
  }

  @Test func aLiveDaemonsSocketIsRefusedAndADeadOnesReplaced() async throws {
    let path = directory.file("g.sock")
    try await withServer(path) { _ in
      await #expect(throws: Failure.self) {
        try await listen(path, hello: "{}")
      }
      // The refused one did no harm.
      let hello = try SocketClient(path).nextLine()
      #expect(hello == #"{"type":"hello"}"#)
    }
    // A socket on which nobody listens, as a killed daemon leaves it.
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    close(descriptor)
    try await withServer(path) { _ in
      let hello = try SocketClient(path).nextLine()
      #expect(hello != nil)
    }
  }

  @Test func aPathThatCannotBeASocketIsRefused() async throws {
    let file = try directory.write("precious", to: "file")
    let long = directory.file(String(repeating: "x", count: 100))
    for (path, expected) in [
      (file, "no socket"), (long, "at most 107"), (directory.file("a/b/c.sock"), "cannot be made"),
      ("/proc/affectd.sock", "cannot listen"),
    ] {
      do {
        _ = try await listen(path, hello: "{}")
        Issue.record("\(path) was accepted")
      } catch {
        #expect("\(error)".contains(path) && "\(error)".contains(expected), "\(error)")
      }
    }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
  }

  // MARK: - Requests

  private func reply(_ client: SocketClient, to line: String) throws -> [String: Any] {
    client.send(line + "\n")
    while true {
      let object = try #require(try client.next())
      if object["jsonrpc"] != nil { return object }
    }
  }

  @Test func requestsAreAnsweredWithTheirIdentifier() async throws {
    let path = directory.file("r.sock")
    try await withServer(path) { _ in
      let client = try SocketClient(path)
      let pong = try reply(client, to: #"{"jsonrpc":"2.0","id":7,"method":"ping"}"#)
      #expect(pong["id"] as? Int == 7)
      #expect((pong["result"] as? [String: Any])?["pong"] as? Bool == true)
      let named = try reply(client, to: #"{"jsonrpc":"2.0","id":"a","method":"mark","params":{"label":"x"}}"#)
      #expect(named["id"] as? String == "a")
      #expect((named["result"] as? [String: Any])?["command"] as? String == #"mark("x")"#)
      let refused = try reply(client, to: #"{"jsonrpc":"2.0","id":2,"method":"mark","params":{"label":"refuse"}}"#)
      #expect((refused["error"] as? [String: Any])?["code"] as? Int == -32000)
      #expect((refused["error"] as? [String: Any])?["message"] as? String == "refused")
    }
  }

  @Test(arguments: [
    ("nonsense", -32700), ("[1]", -32600), (#"{"jsonrpc":"2.0","id":1,"method":"dance"}"#, -32601),
    (#"{"jsonrpc":"2.0","id":1,"method":"set","params":{"gain":"loud"}}"#, -32602),
    (#"{"jsonrpc":"2.0","id":1,"method":"mark","params":{"label":"\#(String(repeating: "x", count: 1100))"}}"#, -32600),
  ])
  func mistakesAreAnsweredAndTheConnectionStays(line: String, code: Int) async throws {
    let path = directory.file("m.sock")
    try await withServer(path) { server in
      let client = try SocketClient(path)
      let answer = try reply(client, to: line)
      #expect((answer["error"] as? [String: Any])?["code"] as? Int == code)
      #expect(try reply(client, to: #"{"jsonrpc":"2.0","id":3,"method":"ping"}"#)["id"] as? Int == 3)
      let counters = try await server.eventLoop.submit { server.counters }.get()
      #expect(counters.malformedRequests == 1)
    }
  }

  @Test func aNotificationIsCarriedOutWithoutAnAnswer() async throws {
    let path = directory.file("n.sock")
    try await withServer(path) { _ in
      let client = try SocketClient(path)
      client.send(#"{"jsonrpc":"2.0","method":"ping"}"# + "\n\r\n")
      // Nor is it told of a mistake.
      client.send(#"{"jsonrpc":"2.0","method":"dance"}"# + "\n")
      client.send(#"{"jsonrpc":"2.0","method":"mark","params":{"label":7}}"# + "\n")
      client.send(#"{"jsonrpc":"2.0","method":"mark","params":{"label":"refuse"}}"# + "\n")
      #expect(try reply(client, to: #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)["id"] as? Int == 1)
    }
  }

  @Test func aSubscriptionChoosesFieldsAndRate() async throws {
    let path = directory.file("s.sock")
    try await withServer(path) { server in
      let client = try SocketClient(path)
      let everything = try SocketClient(path)
      _ = try everything.next()
      _ = try reply(
        client, to: #"{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"fields":["arousal","state"],"rate":2}}"#)
      for tick in 1...8 {
        let line = estimate(tick, state: tick == 6 ? .silent : .tracking)
        server.eventLoop.execute { server.publish(line) }
      }
      let lines = try (0..<5).map { _ in try #require(try client.next()) }
      // Every half second, and at once where the state changes.
      #expect(lines.map { $0["seq"] as? Int } == [1, 3, 5, 6, 7])
      #expect(Swift.Set(try #require(lines.first).keys) == ["type", "seq", "arousal", "state"])
      client.send(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"# + "\n")
      #expect(try client.next()?["id"] as? Int == 2)
      #expect(try everything.next()?["raw"] != nil)
    }
  }

  @Test func aClientThatWantsRepliesOnlyGetsNothingElse() async throws {
    let path = directory.file("q.sock")
    try await withServer(path) { server in
      let client = try SocketClient(path)
      _ = try reply(client, to: #"{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"fields":[]}}"#)
      let line = estimate(1)
      try await server.eventLoop.submit {
        server.publish(line)
        server.publishEvent(#"{"type":"mark"}"#)
      }.get()
      client.send(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"# + "\n")
      #expect(try client.next()?["id"] as? Int == 2)
    }
  }

  @Test func tooManyClientsAreTurnedAwayAndTheOthersStay() async throws {
    let path = directory.file("t.sock")
    try await withServer(path, clientLimit: 2) { server in
      let first = try SocketClient(path)
      let second = try SocketClient(path)
      _ = try first.next()
      _ = try second.next()
      #expect(try SocketClient(path).nextLine() == nil)
      publish(server, 1)
      #expect(try first.next()?["seq"] as? Int == 1)
      #expect(try second.next()?["seq"] as? Int == 1)
      let counters = try await server.eventLoop.submit { server.counters }.get()
      #expect(counters.refusedClients == 1 && counters.clients == 2)
    }
  }

  /// All of them connect while the server is busy, and are accepted in one go.
  @Test func tooManyClientsAtOnceAreTurnedAwayToo() async throws {
    let path = directory.file("w.sock")
    try await withServer(path, clientLimit: 3) { server in
      let isConnected = DispatchSemaphore(value: 0)
      server.eventLoop.execute { isConnected.wait() }
      let clients = try (0..<40).map { _ in try SocketClient(path) }
      isConnected.signal()
      let served = try clients.map { try $0.nextLine() != nil }
      #expect(served == clients.indices.map { $0 < 3 })
      let counters = try await server.eventLoop.submit { server.counters }.get()
      #expect(counters.refusedClients == 37 && counters.clients == 3)
      withExtendedLifetime(clients) {}
    }
  }

  @Test func aClientThatNeverReadsItsRepliesIsNotReadFromWithoutEnd() async throws {
    let path = directory.file("u.sock")
    try await withServer(path) { server in
      let rude = try SocketClient(path)
      let polite = try SocketClient(path)
      // More requests than fit into all buffers on the way; what cannot be sent is left out.
      let requests = String(repeating: #"{"jsonrpc":"2.0","id":1,"method":"ping"}"# + "\n", count: 200_000)
      let sent = rude.sendWhatFits(requests)
      #expect(sent < requests.utf8.count)
      #expect(try reply(polite, to: #"{"jsonrpc":"2.0","id":5,"method":"ping"}"#)["id"] as? Int == 5)
    }
  }
}
