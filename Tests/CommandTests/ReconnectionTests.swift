import Foundation
import TestSupport
import Testing

/// The real daemon on the test card while the card makes trouble.
@Suite(.serialized) struct ReconnectionTests {
  private func card(seconds: Double = 3, rate: Int = 48_000) throws -> TestCard {
    let card = try TestCard()
    try card.add(
      playing: TestSignal.music(seconds: seconds, rate: rate).bytesS16, format: "S16_LE", channels: 1, rate: rate)
    return card
  }

  private func daemon(_ card: TestCard, _ arguments: [String] = []) throws -> Daemon {
    try Daemon(["--input", "alsa:testcard", "--hop", "0.1"] + arguments, environment: card.environment)
  }

  private func end(_ daemon: Daemon) throws -> [String] {
    daemon.signal(SIGTERM)
    let (status, messages) = try daemon.waitForEnd()
    #expect(status == 0, "\(messages)")
    return messages
  }

  private func stats(_ daemon: Daemon) throws -> [String: Any] {
    let result = try Program.run("affectctl", ["stats", "--json", "--socket", daemon.socket])
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return try #require(object)
  }

  /// The ticks up to the first that fits: their times go up. By how much is the business of `TrackingLoopTests`.
  private func follow(
    _ client: SocketClient, to fits: ([String: Any]) -> Bool
  ) throws -> [[String: Any]] {
    var ticks: [[String: Any]] = []
    while ticks.count < 1000, let line = try client.next() {
      guard line["type"] as? String == "affect" else { continue }
      ticks.append(line)
      if fits(line) { break }
    }
    #expect(ticks.last.map(fits) == true, "no tick fits")
    let times = ticks.compactMap { $0["audio_time"] as? Double }
    #expect(times.count == ticks.count)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    return ticks
  }

  @Test func anOverrunIsRecoveredFromAndCounted() throws {
    let card = try card()
    let daemon = try daemon(card)
    let client = try SocketClient(daemon.socket)
    _ = try client.next(state: "tracking")
    func counters() throws -> [String: Any] { try #require(try stats(daemon)["input"] as? [String: Any]) }
    // What is lost is a few milliseconds each time. On a busy machine that may be less than the audio is late by anyway,
    // and then no gap is told.
    var gap: [String: Any]?
    var made = 0
    while gap == nil && made < 30 {
      made += 1
      try card.control("xrun \(made)")
      var ticksAfter = 0
      while ticksAfter < 3 {
        let tick = try #require(try client.next { $0["type"] as? String == "affect" })
        if tick["gap"] != nil { gap = tick }
        let isCounted = try counters()["overruns"] as? Int == made
        if isCounted { ticksAfter += 1 }
      }
    }
    #expect(try #require(gap?["gap"] as? Double) > 0)
    #expect(gap?["valence"] != nil)
    #expect(try counters()["overruns"] as? Int == made)
    #expect(try counters()["reconnects"] as? Int == 0)
    #expect(try end(daemon).contains { $0.contains("overrun") })
  }

  @Test func aStallIsToldAndItsAudioIsNotPlayedThroughLater() throws {
    let card = try card()
    let daemon = try daemon(card)
    let client = try SocketClient(daemon.socket)
    _ = try #require(try client.next { $0["raw"] != nil })
    try card.control("stall")
    let stalled = try follow(client) { $0["state"] as? String == "stalled" }
    // The values hold, and the ticks go on.
    #expect(stalled.last?["valence"] != nil && stalled.last?["raw"] == nil)
    try card.control("run")
    let after = try follow(client) { $0["state"] as? String == "tracking" && $0["raw"] != nil }
    let gap = after.compactMap { $0["gap"] as? Double }.first
    #expect(try #require(gap) > 0)
    let input = try #require(try stats(daemon)["input"] as? [String: Any])
    #expect(input["reconnects"] as? Int == 0)
    _ = try end(daemon)
  }

  @Test func aStallThatLastsBecomesALossAndIsRecoveredFrom() throws {
    let card = try card()
    let daemon = try daemon(card)
    let client = try SocketClient(daemon.socket)
    _ = try client.next(state: "tracking")
    try card.control("stall")
    _ = try follow(client) { $0["state"] as? String == "stalled" }
    _ = try follow(client) { $0["state"] as? String == "reconnecting" }
    try card.control("run")
    _ = try follow(client) { $0["state"] as? String == "tracking" }
    let messages = try end(daemon)
    #expect(messages.contains { $0.contains("gave nothing for 3 s") }, "\(messages)")
  }

  @Test(arguments: ["", "\nrate 44100", "\nrate 96000"])
  func aCardThatGoesAwayIsHeardAgainWhenItIsBack(rate: String) throws {
    let card = try card()
    let daemon = try daemon(card)
    let client = try SocketClient(daemon.socket)
    let last = try #require(try client.next { $0["state"] as? String == "tracking" && $0["raw"] != nil })
    try card.control("gone")
    // Held at first, decaying later; never without values.
    let away = try follow(client) { line in
      line["state"] as? String == "reconnecting"
        && (line["audio_time"] as? Double ?? 0) > (last["audio_time"] as? Double ?? 0) + 1
    }
    #expect(away.allSatisfy { $0["valence"] != nil })
    try card.control("run" + rate)
    let back = try follow(client) { $0["state"] as? String == "tracking" }
    let gap = try #require(back.compactMap { $0["gap"] as? Double }.first)
    #expect(gap > 0)
    let input = try #require(try stats(daemon)["input"] as? [String: Any])
    #expect(input["reconnects"] as? Int == 1)
    let messages = try end(daemon)
    #expect(messages.contains { $0.contains("alsa:testcard") && $0.contains("lost") }, "\(messages)")
    let expectedRate = rate.isEmpty ? "48000" : String(rate.dropFirst(6))
    #expect(messages.contains { $0.contains("listening to alsa:testcard, \(expectedRate) Hz") }, "\(messages)")
    #expect(messages.contains { $0.contains("gives audio again") }, "\(messages)")
  }

  @Test func aHundredLossesInARowAreSurvived() throws {
    let card = try card()
    let daemon = try daemon(card)
    let client = try SocketClient(daemon.socket)
    _ = try client.next(state: "warmingUp")
    for _ in 1...100 {
      try card.control("gone")
      _ = try client.next(state: "reconnecting")
      try card.control("run")
      _ = try client.next(state: "warmingUp")
    }
    _ = try follow(client) { $0["state"] as? String == "tracking" }
    // A card that opens but is gone before its first sound is lost again without having returned.
    let input = try #require(try stats(daemon)["input"] as? [String: Any])
    #expect(try #require(input["reconnects"] as? Int) > 50)
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.identifier)/task").count
    #expect(threads < 20)
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.identifier)/fd").count
    #expect(descriptors < 60)
    _ = try end(daemon)
  }

  @Test func aDeviceThatIsAbsentAtTheStartIsWaitedForByName() throws {
    let card = try card()
    try card.control("gone")
    let daemon = try daemon(card, ["--wait"])
    let client = try SocketClient(daemon.socket)
    _ = try client.next()
    let waiting = try #require(try client.next(state: "reconnecting"))
    #expect(waiting["valence"] == nil)
    try card.control("run")
    _ = try #require(try client.next { $0["valence"] != nil })
    #expect(daemon.startMessages.contains { $0.contains("alsa:testcard") && $0.contains("waiting for it") })
    let messages = try end(daemon)
    #expect(messages.contains { $0.contains("listening to alsa:testcard") }, "\(messages)")
  }

  @Test func whileTheDeviceIsLostADeskGetsItsFallback() throws {
    let card = try card()
    let receiver = try PythonOSC()
    let directory = try TemporaryDirectory()
    let configuration = try directory.write(
      """
      [osc.desk]
      host = "127.0.0.1"
      port = \(receiver.port)
      values = ["arousal", "active"]
      on_loss = { valence = 0.0, arousal = -0.75 }
      """, to: "affectd.toml")
    let daemon = try daemon(card, ["--config", configuration])
    _ = try receiver.nextBundle { $0["/affect/active"] == 1 }
    try card.control("gone")
    let lost = try receiver.nextBundle { $0["/affect/arousal"] == -0.75 }
    #expect(lost["/affect/active"] == 0)
    try card.control("run")
    let back = try receiver.nextBundle { $0["/affect/active"] == 1 }
    #expect(back["/affect/arousal"] != nil)
    _ = try end(daemon)
    // The last thing that the desk hears is the fallback again.
    let last = try receiver.nextBundle { $0["/affect/arousal"] == -0.75 }
    #expect(last["/affect/active"] == 0)
  }
}
