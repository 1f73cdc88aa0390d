import Foundation
import TestSupport
import Testing

/// Real-time capture through the real ALSA API, to real receivers.
@Suite(.serialized) struct CaptureTests {
  @Test func whatTheCardPlaysArrivesOnTheSocketAndAtOscdump() throws {
    let card = try TestCard()
    // Left speaks, right is silent, so that the average is 6 dB under the left.
    let tone = TestSignal.sine(1000, amplitude: 0.5, seconds: 1, rate: 44_100).flatMap { [$0, Float(0)] }
    try card.add(playing: tone.bytesS16, format: "S16_LE", channels: 2, rate: 44_100)
    let receiver = try Oscdump()
    let daemon = try Daemon(
      ["--input", "alsa:testcard", "--osc", "127.0.0.1:\(receiver.port)"], environment: card.environment)
    #expect(daemon.startMessages.contains("affectd: listening to alsa:testcard, 44100 Hz, 2 channels"))
    let client = try SocketClient(daemon.socket)
    #expect(try client.next()?["input"] as? String == "alsa:testcard")

    var line: [String: Any] = [:]
    while line["valence"] == nil { line = try #require(try client.next()) }
    let tick = try #require(line["seq"] as? Int)
    #expect(tick >= 7)
    #expect(line["audio_time"] as? Double == Double(tick) * 0.5)
    #expect(line["state"] as? String == "tracking")
    let level = try #require(line["level"] as? Double)
    #expect(abs(level + 12.04) < 0.2)
    let messages = try receiver.read(until: "/affect/active i 1")
    #expect(messages.contains { $0.contains("/affect/active i 0") })
    let values = try receiver.read(until: "/affect/active i 1")
    for address in ["valence", "arousal", "unit/valence", "unit/arousal", "level"] {
      #expect(values.contains { $0.contains("/affect/\(address) f ") }, "\(address) in \(values)")
    }
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test func pythonOSCReadsTheSameValuesAsTheSocket() throws {
    let card = try TestCard()
    try card.add(
      playing: TestSignal.music(seconds: 3, rate: 48_000).bytesS16, format: "S16_LE", channels: 1, rate: 48_000)
    let receiver = try PythonOSC()
    let daemon = try Daemon(
      ["--input", "alsa:testcard", "--hop", "0.25", "--osc", "127.0.0.1:\(receiver.port)"],
      environment: card.environment)
    let client = try SocketClient(daemon.socket)
    var line: [String: Any] = [:]
    while line["valence"] == nil { line = try #require(try client.next()) }
    let bundle = try receiver.nextBundle { $0["/affect/valence"] != nil }
    let (valence, arousal) = (try #require(line["valence"] as? Double), try #require(line["arousal"] as? Double))
    #expect(abs((bundle["/affect/valence"] ?? .nan) - valence) < 1e-6)
    #expect(abs((bundle["/affect/arousal"] ?? .nan) - arousal) < 1e-6)
    #expect(abs((bundle["/affect/unit/valence"] ?? .nan) - (valence + 1) / 2) < 1e-6)
    #expect(abs((bundle["/affect/unit/arousal"] ?? .nan) - (arousal + 1) / 2) < 1e-6)
    #expect(bundle["/affect/active"] == 1)
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }
}
