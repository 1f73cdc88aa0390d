import Affect
import Foundation
import NIOCore
import NIOPosix
import Platform
import Publishing
import Synchronization
import TestSupport
import Testing

/// The web page and its WebSocket with real clients.
@Suite(.ownThreads) struct WebServerTests {
  private static let token = "0123456789abcdef0123456789abcdef"

  /// Runs `body` with a server and its port, and closes it.
  private func withServer(
    on address: String = "127.0.0.1", _ body: @Sendable (WebServer, Int, any EventLoop) async throws -> Void
  ) async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let port = try FreePort.find(SOCK_STREAM)
    let access = WebAccess(listeningOn: address, token: Self.token, hostName: "Desk")
    let server = try await WebServer.listen(
      on: "127.0.0.1", port: port, hello: #"{"type":"hello"}"#, access: access, on: loop
    ) { command in
      var line = JSONLine()
      line.add("command", "\(command)")
      return loop.makeSucceededFuture(line)
    }
    do {
      try await body(server, port, loop)
    } catch {
      await server.close()
      throw error
    }
    await server.close()
  }

  private func line(_ tick: Int) -> AffectLine {
    AffectLine(
      AffectEstimate(tick: tick, audioTime: Double(tick) / 2, values: nil, level: -20, state: .tracking), unixTime: 1e9)
  }

  private func get(_ port: Int, _ path: String = "/", _ headers: [String]? = nil) throws -> String {
    let lines = ["GET \(path) HTTP/1.1"] + (headers ?? ["Host: localhost:\(port)"]) + ["", ""]
    return try TCPClient(port: port).exchange(lines.joined(separator: "\r\n"))
  }

  /// Why the WebSocket is not to be had; empty if it is.
  private func refusal(_ port: Int, path: String = "/ws", headers: [String]? = nil) -> String {
    do {
      _ = try WebSocketClient(port: port, path: path, headers: headers)
      return ""
    } catch { return "\(error)" }
  }

  // MARK: - The page

  @Test func thePageComesWholeAndFetchesNothingFromElsewhere() async throws {
    try await withServer { _, port, _ in
      let answer = try get(port)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
      let head = answer.prefix(upTo: try #require(answer.range(of: "\r\n\r\n")).lowerBound)
      #expect(head.contains("Content-Security-Policy: default-src 'none'") && head.contains("frame-ancestors 'none'"))
      #expect(head.contains("Referrer-Policy: no-referrer") && head.contains("Cache-Control: no-store"))
      let page = answer.dropFirst(head.count)
      #expect(page.utf8.count > 10_000 && page.utf8.count < 60_000)
      // Addresses that are fetched: only a picture in the page itself, and names of namespaces.
      for match in page.matches(of: /(?:src|href)\s*=\s*"([^"]*)"/) {
        #expect(match.1.hasPrefix("data:") || match.1.hasPrefix("#"), "\(match.1)")
      }
      #expect(!page.contains("@import") && !page.contains("innerHTML"))
      #expect(try get(port, "/other").hasPrefix("HTTP/1.1 404"))
      #expect(try get(port, "/ws").hasPrefix("HTTP/1.1 426"))
      let post = try TCPClient(port: port).exchange("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
      #expect(post.hasPrefix("HTTP/1.1 405"))
    }
  }

  @Test func namesThatAreNotThisMachinesAreRefused() async throws {
    try await withServer { _, port, _ in
      for name in ["localhost", "LOCALHOST", "desk", "desk.local", "127.0.0.1", "192.168.1.5", "[::1]"] {
        #expect(try get(port, "/", ["Host: \(name):\(port)"]).hasPrefix("HTTP/1.1 200"), "\(name)")
      }
      for headers in [
        ["Host: evil.example:\(port)"], ["Host: localhost.evil.example"], ["Host: "], ["Host: [evil]"],
        ["Host: localhost", "Host: evil.example"], ["X: y"],
      ] {
        // Even with the token: a name that is made to point here is another site.
        let answer = try get(port, "/?token=\(Self.token)", headers)
        #expect(
          answer.hasPrefix("HTTP/1.1 421") || answer.hasPrefix("HTTP/1.1 400"), "\(headers): \(answer.prefix(40))")
      }
    }
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("localhost", true), ("0.0.0.0", false), ("::", false),
    ("192.168.1.5", false), ("fe80::1%eth0", false),
  ]) func itIsKnownWhoCanConnect(_ address: String, _ isLoopback: Bool) {
    #expect(WebAccess.isLoopback(address) == isLoopback)
    let access = WebAccess(listeningOn: address, token: Self.token, hostName: "desk")
    #expect((access.refusal(of: WebAccess.Request(host: "localhost")) == nil) == isLoopback)
    // A token that is empty opens nothing.
    let open = WebAccess(listeningOn: "0.0.0.0", token: "", hostName: "desk")
    #expect(open.refusal(of: WebAccess.Request(host: "localhost", token: "")) == .needsToken)
  }

  @Test func beyondThisMachineATokenIsNeeded() async throws {
    try await withServer(on: "0.0.0.0") { _, port, _ in
      for query in [
        "", "?token=", "?token=\(String(Self.token.dropLast()))0", "?token=\(Self.token)0", "?x=\(Self.token)",
      ] {
        #expect(try get(port, "/\(query)").hasPrefix("HTTP/1.1 401"), "\(query)")
        #expect(refusal(port, path: "/ws\(query)").contains("401"), "\(query)")
      }
      #expect(try get(port, "/?token=\(Self.token)").hasPrefix("HTTP/1.1 200"))
      let client = try WebSocketClient(port: port, path: "/ws?x=1&token=\(Self.token)")
      #expect(try client.next()?.text == #"{"type":"hello"}"#)
    }
  }

  @Test func aPageOfAnotherOriginNeedsTheToken() async throws {
    try await withServer { _, port, _ in
      let host = "Host: localhost:\(port)"
      for origin in ["http://evil.example", "null", "http://localhost", "http://localhost:\(port).evil.example"] {
        #expect(refusal(port, headers: [host, "Origin: \(origin)"]).contains("403"), "\(origin)")
        let headers = [host, "Origin: \(origin)"]
        let client = try WebSocketClient(port: port, path: "/ws?token=\(Self.token)", headers: headers)
        #expect(try client.next()?.opcode == 1)
      }
      let own = try WebSocketClient(port: port, headers: [host, "Origin: http://localhost:\(port)"])
      #expect(try own.next()?.opcode == 1)
    }
  }

  // MARK: - The WebSocket

  @Test func itSpeaksTheLinesOfTheSocket() async throws {
    try await withServer { server, port, loop in
      let client = try WebSocketClient(port: port)
      #expect(try client.next()?.text == #"{"type":"hello"}"#)
      loop.execute {
        server.publish(line(1))
        server.publishEvent(#"{"type":"mark"}"#)
      }
      #expect(try client.next()?.text == line(1).json(nil))
      #expect(try client.next()?.text == #"{"type":"mark"}"#)
      client.send(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
      #expect(try client.next()?.text == #"{"jsonrpc":"2.0","id":1,"result":{"pong":true}}"#)
      client.send(#"{"jsonrpc":"2.0","id":2,"method":"mark","params":{"label":"solo"}}"#)
      #expect(try client.next()?.text == #"{"jsonrpc":"2.0","id":2,"result":{"command":"mark(\"solo\")"}}"#)
      client.send(#"{"jsonrpc":"2.0","id":3,"method":"subscribe","params":{"fields":["level"]}}"#)
      #expect(try client.next()?.text.contains(#""id":3"#) == true)
      loop.execute { server.publish(line(2)) }
      #expect(try client.next()?.text == line(2).json([.level]))
    }
  }

  @Test(arguments: ["get_config", "set", "calibrate"])
  func whatChangesAffectdForGoodIsNotToBeHad(_ method: String) async throws {
    try await withServer { _, port, _ in
      let client = try WebSocketClient(port: port)
      let parameters = method == "set" ? #","params":{"gain":3}"# : ""
      client.send(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)"\#(parameters)}"#)
      #expect(try client.next(with: "-32000")?.contains("not to be had over the network") == true)
    }
  }

  @Test func messagesInPiecesAreMessages() async throws {
    try await withServer { _, port, _ in
      let client = try WebSocketClient(port: port)
      client.send(#"{"jsonrpc":"2.0","#, isLast: false)
      client.send("pings", opcode: 9)
      client.send(#""id":1,"method":"#, opcode: 0, isLast: false)
      client.send(#""ping"}"#, opcode: 0)
      _ = try client.next()
      let pong = try client.next()
      #expect(pong?.opcode == 10 && pong?.text == "pings")
      #expect(try client.next(with: "pong") != nil)
      // The end is answered with the end.
      client.send("", opcode: 8)
      #expect(try client.next()?.opcode == 8)
      #expect(try client.next() == nil)
    }
  }

  @Test func whatIsNoWebSocketEndsTheConnectionAndNothingElse() async throws {
    try await withServer { _, port, _ in
      let good = try WebSocketClient(port: port)
      _ = try good.next()
      let hostile: [[UInt8]] = [
        [0x82, 0x81, 0, 0, 0, 0, 1],  // binary
        [0xF1, 0x80, 0, 0, 0, 0],  // reserved bits
        [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],  // endless
        [0x81, 0xFE, 0x10, 0x01, 0, 0, 0, 0] + [UInt8](repeating: 65, count: 4097),  // too long
        [0x80, 0x80, 0, 0, 0, 0],  // goes on with nothing
        [0x83, 0x80, 0, 0, 0, 0],  // an opcode that does not exist
      ]
      for bytes in hostile {
        let client = try WebSocketClient(port: port)
        _ = try client.next()
        client.sendBytes(bytes)
        while let frame = try client.next() { #expect(frame.opcode == 8, "\(bytes.prefix(4))") }
      }
      // More pieces than a message may have.
      let client = try WebSocketClient(port: port)
      _ = try client.next()
      client.send("a", isLast: false)
      for _ in 0..<20 { client.send("a", opcode: 0, isLast: false) }
      while let frame = try client.next() { #expect(frame.opcode == 8) }
      // What is no request is answered, as on the socket.
      good.send("nonsense")
      #expect(try good.next(with: "-32700") != nil)
      good.send(String(repeating: "x", count: 2000))
      #expect(try good.next(with: "-32600") != nil)
      good.send(#"{"jsonrpc":"2.0","id":9,"method":"ping"}"#)
      #expect(try good.next(with: "pong") != nil)
    }
  }

  @Test func random() async throws {
    try await withServer { _, port, _ in
      var generator = SeededGenerator(seed: 20)
      for _ in 0..<300 {
        let client = try WebSocketClient(port: port)
        let count = Int.random(in: 0...200, using: &generator)
        client.sendBytes((0..<count).map { _ in .random(in: 0...255, using: &generator) })
      }
      for _ in 0..<100 {
        let count = Int.random(in: 0...300, using: &generator)
        let text = String(
          (0..<count).map { _ in Character(Unicode.Scalar(UInt8.random(in: 9...126, using: &generator))) })
        _ = try TCPClient(port: port).exchange("GET /\(text)\r\nHost: localhost\r\nConnection: close\r\n\r\n\r\n")
      }
      #expect(try get(port).hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func headersHaveALimit() async throws {
    try await withServer { _, port, _ throws in
      let long = String(repeating: "a", count: 20_000)
      #expect(try get(port, "/", ["Host: localhost", "X: \(long)"]).hasPrefix("HTTP/1.1 4"))
      let many = (0..<100).map { "X-\($0): a" }
      #expect(try get(port, "/", ["Host: localhost"] + many).hasPrefix("HTTP/1.1 4"))
      #expect(try get(port).hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func thereIsALimitOfClients() async throws {
    try await withServer { _, port, _ in
      let clients = try (0..<WebServer.clientLimit).map { _ in try WebSocketClient(port: port) }
      for client in clients { #expect(try client.next()?.opcode == 1) }
      #expect(!refusal(port).isEmpty)
      withExtendedLifetime(clients) {}
    }
  }

  @Test func whoDoesNotReadHoldsUpNobody() async throws {
    try await withServer { server, port, loop in
      let idle = try WebSocketClient(port: port)
      let reader = try WebSocketClient(port: port)
      _ = try reader.next()
      let padding = String(repeating: "x", count: 10_000)
      for number in 1...2000 {
        loop.execute { server.publishEvent(#"{"seq":\#(number),"padding":"\#(padding)"}"#) }
        #expect(try reader.next()?.text.hasPrefix("{\"seq\":\(number),") == true)
      }
      // It gets the beginning, and the newest lines.
      loop.execute { server.publishEvent(#"{"type":"last"}"#) }
      #expect(try idle.next(with: #""last""#) != nil)
    }
  }

  @Test func atTheEndEverybodyIsToldAndTheConnectionIsClosed() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let port = try FreePort.find(SOCK_STREAM)
    let access = WebAccess(listeningOn: "127.0.0.1", token: Self.token, hostName: "")
    let server = try await WebServer.listen(on: "127.0.0.1", port: port, hello: "{}", access: access, on: loop) { _ in
      loop.makeSucceededFuture(JSONLine())
    }
    var problem = ""
    do {
      let second = try await WebServer.listen(on: "127.0.0.1", port: port, hello: "{}", access: access, on: loop) { _ in
        loop.makeSucceededFuture(JSONLine())
      }
      await second.close()
    } catch { problem = "\(error)" }
    #expect(problem.contains("web page on 127.0.0.1, port \(port)") && problem.contains("choose another"))
    let client = try WebSocketClient(port: port)
    _ = try client.next()
    loop.execute { server.publishEvent(#"{"type":"state"}"#) }
    await server.close()
    #expect(try client.next()?.text == #"{"type":"state"}"#)
    while let frame = try client.next() { #expect(frame.opcode >= 8) }
  }
}
