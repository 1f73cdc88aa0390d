import Foundation
import TestSupport
import Testing

/// The web page of the real daemon. What a browser makes of it is tested by Tests/System/web_page.py.
@Suite struct WebPageTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func daemon(_ port: Int, host: String = "127.0.0.1") throws -> Daemon {
    let file = try directory.write(
      "[web]\nenabled = true\nhost = \"\(host)\"\nport = \(port)\n", to: "affectd.toml")
    return try Daemon(
      ["--config", file, "--input", "demo", "--hop", "0.1"],
      environment: ["XDG_STATE_HOME": directory.file("state"), "STATE_DIRECTORY": nil])
  }

  @Test func itSaysWhatTheSocketSays() throws {
    let port = try FreePort.find(SOCK_STREAM)
    let daemon = try daemon(port)
    #expect(daemon.startMessages.contains("affectd: web page on http://127.0.0.1:\(port)/"), "\(daemon.startMessages)")
    let (web, socket) = (try WebSocketClient(port: port), try SocketClient(daemon.socket))
    #expect(try web.next()?.text.contains(#""type":"hello""#) == true)
    let line = try #require(try socket.next { $0["valence"] != nil })
    let number = try #require(line["seq"] as? Int)
    let same = try #require(try web.next(with: "\"seq\":\(number),"))
    let value = try #require(line["valence"] as? Double)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(same.utf8)) as? [String: Any])
    #expect(object["valence"] as? Double == value)
    // What is done on the page is seen on the socket.
    web.send(#"{"jsonrpc":"2.0","id":1,"method":"mark","params":{"label":"from the page"}}"#)
    #expect(try socket.next { $0["type"] as? String == "mark" }?["label"] as? String == "from the page")
    web.send(#"{"jsonrpc":"2.0","id":2,"method":"freeze"}"#)
    #expect(try socket.next { $0["frozen"] as? Bool == true } != nil)
    web.send(#"{"jsonrpc":"2.0","id":3,"method":"get_stats"}"#)
    #expect(try web.next(with: #""web":{"clients":1,"#) != nil)
    daemon.signal(SIGTERM)
    #expect(try web.next(with: "stopping") != nil)
    while try web.next() != nil {}
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test func beyondThisMachineTheTokenStaysTheSame() throws {
    let port = try FreePort.find(SOCK_STREAM)
    var tokens: [String] = []
    for _ in 0..<2 {
      let daemon = try daemon(port, host: "0.0.0.0")
      let address = try #require(daemon.startMessages.first { $0.contains("web page on") })
      let token = try #require(address.firstMatch(of: /\/\?token=([0-9a-f]{32})$/)?.1)
      #expect(throws: WebSocketClient.Failure.self) { _ = try WebSocketClient(port: port) }
      let client = try WebSocketClient(port: port, path: "/ws?token=\(token)")
      #expect(try client.next()?.opcode == 1)
      tokens.append(String(token))
      daemon.signal(SIGTERM)
      #expect(try daemon.waitForEnd().status == 0)
    }
    #expect(tokens[0] == tokens[1])
    let mode = try FileManager.default.attributesOfItem(atPath: directory.file("state/affectd/web-token"))
    #expect(mode[.posixPermissions] as? Int == 0o600)
  }

  @Test func aPortThatIsTakenIsAnError() throws {
    let port = try FreePort.find(SOCK_STREAM)
    let first = try daemon(port)
    let file = try directory.write("[web]\nenabled = true\nport = \(port)\n", to: "second.toml")
    let result = try Program.run(
      "affectd", ["--config", file, "--input", "demo", "--socket", directory.file("second.sock")])
    #expect(result.status == 69 && result.errors.contains("web page on 127.0.0.1, port \(port): cannot listen"))
    withExtendedLifetime(first) {}
  }

  /// A hundred pages, some of which do not read, change no tick.
  @Test func aHundredClientsMissNothing() throws {
    let port = try FreePort.find(SOCK_STREAM)
    let daemon = try daemon(port)
    let clients = try (0..<100).map { _ in try WebSocketClient(port: port) }
    let socket = try SocketClient(daemon.socket)
    var last = try #require(try socket.next { $0["seq"] != nil }?["seq"] as? Int)
    for _ in 0..<30 {
      let next = try #require(try socket.next { $0["seq"] != nil }?["seq"] as? Int)
      #expect(next == last + 1)
      last = next
    }
    for client in clients.prefix(50) { #expect(try client.next(with: "\"seq\":\(last),") != nil) }
    socket.send(#"{"jsonrpc":"2.0","id":1,"method":"get_stats"}"# + "\n")
    let stats = try #require(try socket.next { $0["jsonrpc"] != nil }?["result"] as? [String: Any])
    #expect((stats["web"] as? [String: Any])?["clients"] as? Int == 100)
    #expect((stats["input"] as? [String: Any])?["skipped_ticks"] as? Int == 0)
    withExtendedLifetime(clients) {}
  }
}
