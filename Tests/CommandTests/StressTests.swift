import Foundation
import TestSupport
import Testing

/// The real daemon while everybody wants something of it at once. Run under the thread sanitizer too, whose reports end
/// the daemon with another status than 0.
@Suite(.serialized) struct StressTests {
  @Test func subscribersComeAndGoWhileTheCardFailsAndSettingsChange() throws {
    let card = try TestCard()
    try card.add(
      playing: TestSignal.music(seconds: 2, rate: 48_000).bytesS16, format: "S16_LE", channels: 1, rate: 48_000)
    let directory = try TemporaryDirectory()
    let port = try FreePort.find(SOCK_DGRAM)
    let control = try FreePort.find(SOCK_DGRAM)
    let configuration = { (smoothing: String) in
      """
      [tracking]
      smoothing = "\(smoothing)"
      [osc.a]
      host = "127.0.0.1"
      port = \(port)
      [control]
      port = \(control)
      """
    }
    let path = try directory.write(configuration("none"), to: "affectd.toml")
    let daemon = try Daemon(
      ["--input", "alsa:testcard", "--hop", "0.05", "--config", path], environment: card.environment, isService: true)
    let stays = try SocketClient(daemon.socket)
    let sender = try PacketReceiver()
    var sleepers: [SocketClient] = []
    var last = 0
    for round in 1...150 {
      let guests = try (0..<5).map { _ in try SocketClient(daemon.socket) }
      guests[0].send(#"{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"fields":["level"],"rate":5}}"# + "\n")
      guests[1].send(#"{"jsonrpc":"2.0","id":1,"method":"get_stats"}"# + "\n")
      guests[2].send(#"{"jsonrpc":"2.0","id":1,"method":"set","params":{"gain":\#(round % 10)}}"# + "\nnonsense\n")
      guests[3].send(#"{"jsonrpc":"2.0","id":1,"method":"\#(round % 2 == 0 ? "freeze" : "resume")"}"# + "\n")
      _ = try guests[1].next { $0["jsonrpc"] != nil }
      if round <= 20 { sleepers.append(guests[4]) }
      try sender.send(Array("/affect/subscribe\0\0\0,\0\0\0".utf8), toPort: control)
      try sender.send(Array("no OSC".utf8), toPort: control)
      if round % 10 == 0 { try card.control("gone") }
      if round % 10 == 5 { try card.control("run") }
      if round % 15 == 0 {
        try configuration(round % 2 == 0 ? "one-euro" : "exponential:1").write(
          toFile: path, atomically: true, encoding: .utf8)
        daemon.signal(SIGHUP)
      }
      let tick = try #require(try stays.next { $0["seq"] != nil }?["seq"] as? Int)
      #expect(tick > last)
      last = tick
    }
    #expect(sender.next() != nil)
    daemon.signal(SIGTERM)
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0, "\(messages)")
    #expect(!messages.contains { $0.contains("Sanitizer") }, "\(messages)")
    withExtendedLifetime(sleepers) {}
  }
}
