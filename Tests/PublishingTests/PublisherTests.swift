import Affect
import NIOCore
import Platform
import Publishing
import Synchronization
import TestSupport
import Testing

/// Everything that is published, over real sockets.
@Suite(.ownThreads) struct PublisherTests {
  @Test func aTickGoesToEveryone() async throws {
    let (first, second) = (try PacketReceiver(), try PacketReceiver())
    let ports = [first.port, second.port]
    try await PublisherFixture.run(osc: [.test("a", port: ports[0]), .test("b", port: ports[1])]) { fixture in
      let clients = [try fixture.client(), try fixture.client()]
      for tick in 1...3 { fixture.publisher.publish(.sample(tick)) }
      for client in clients {
        for tick in 1...3 {
          let line = try #require(try client.next())
          #expect(line["seq"] as? Int == tick)
          #expect(line["unix_time"] as? Double == 1e9 + Double(tick) * 0.25)
          #expect(line["valence"] as? Double == 0.5 && line["state"] as? String == "tracking")
        }
      }
    }
    for receiver in [first, second] {
      for tick in 1...3 { #expect(try receiver.nextTick() == tick) }
    }
  }

  @Test func changesOfStateAndMarksAreLinesOfTheirOwn() async throws {
    try await PublisherFixture.run { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.warmingUp, unixTime: 5)
      fixture.publisher.publishMark("drop", unixTime: 6)
      let state = try #require(try client.next())
      #expect(state["type"] as? String == "state" && state["state"] as? String == "warmingUp")
      #expect(state["unix_time"] as? Double == 5)
      let mark = try #require(try client.next())
      #expect(mark["type"] as? String == "mark" && mark["label"] as? String == "drop")
      #expect(mark["unix_time"] as? Double == 6)
    }
  }

  @Test func whilePausedNoTickIsPublished() async throws {
    let receiver = try PacketReceiver()
    let port = receiver.port
    try await PublisherFixture.run(osc: [.test("a", port: port)]) { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.sample(1))
      try await fixture.onLoop { $0.isPaused = true }
      fixture.publisher.publish(.sample(2))
      fixture.publisher.publish(.silent, unixTime: 1)
      #expect(try await fixture.onLoop { $0.stateReport.object }.contains(#""paused":true"#))
      try await fixture.onLoop { $0.isPaused = false }
      fixture.publisher.publish(.sample(3))
      #expect(try client.next()?["seq"] as? Int == 1)
      #expect(try client.next()?["seq"] as? Int == 3)
      #expect(try await fixture.metrics()["ticks"] == .number(2))
    }
    #expect(try receiver.nextTick() == 1)
    #expect(try receiver.nextTick() == 3)
  }

  @Test func theStateReportHoldsTheLastTick() async throws {
    try await PublisherFixture.run(offset: -250) { fixture in
      let before = try await fixture.onLoop { $0.stateReport.object }
      #expect(before.contains(#""state":"starting""#) && !before.contains("latest"))
      fixture.publisher.publish(.sample(7, state: .silent))
      let text = try await fixture.onLoop { $0.stateReport.object }
      let report = try #require(JSONValue(Array(text.utf8)))
      #expect(report["state"] == .string("silent"))
      #expect(report["meaning"] == .string(TrackerState.silent.meaning))
      #expect(report["offset"] == .number(-250) && report["paused"] == .bool(false))
      #expect(report["latest"]?["seq"] == .number(7))
      #expect(report["latest"]?["unix_time"] == .number(1e9 + 1.5))
      fixture.publisher.publish(.stalled, unixTime: 0)
      #expect(try await fixture.onLoop { $0.stateReport.object }.contains(#""state":"stalled""#))
    }
  }

  // MARK: - Offset

  @Test func aNegativeOffsetOnlyShiftsTheTime() async throws {
    var destination = OSCDestination.test("a", port: 0)
    destination.timeTag = .audio
    let receiver = try PacketReceiver()
    destination.endpoint = HostEndpoint(host: "127.0.0.1", port: receiver.port)
    let osc = [destination]
    try await PublisherFixture.run(osc: osc, offset: -500) { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.sample(4))
      fixture.publisher.publish(.silent, unixTime: 100)
      // Nothing waits: what was asked for on the loop before is done.
      #expect(try await fixture.metrics()["ticks"] == .number(1))
      let line = try #require(try client.next())
      #expect(line["unix_time"] as? Double == 1e9 + 0.5)
      #expect(line["audio_time"] as? Double == 1)
      #expect(try client.next()?["unix_time"] as? Double == 99.5)
    }
    guard case .bundle(let bundle) = try OSCPacket(decoding: try #require(receiver.next())) else {
      Issue.record("no bundle")
      return
    }
    #expect(bundle.timeTag.unixTime == 1e9 + 0.5)
  }

  @Test func aPositiveOffsetDelaysAndKeepsTheOrder() async throws {
    let receiver = try PacketReceiver()
    let port = receiver.port
    try await PublisherFixture.run(osc: [.test("a", port: port)], offset: 20) { fixture in
      let client = try fixture.client()
      for tick in 1...20 {
        fixture.publisher.publish(.sample(tick))
        if tick == 10 { fixture.publisher.publish(.silent, unixTime: 7) }
      }
      for tick in 1...20 {
        let line = try #require(try client.next())
        #expect(line["seq"] as? Int == tick)
        #expect(line["unix_time"] as? Double == ((1e9 + Double(tick) * 0.25 + 0.02) * 1e6).rounded() / 1e6)
        guard tick == 10 else { continue }
        let state = try #require(try client.next())
        #expect(state["type"] as? String == "state" && state["unix_time"] as? Double == 7.02)
      }
    }
    for tick in 1...20 { #expect(try receiver.nextTick() == tick) }
  }

  @Test func whatWaitsForTheOffsetIsPublishedAtTheEnd() async throws {
    let receiver = try PacketReceiver()
    let port = receiver.port
    try await PublisherFixture.run(osc: [.test("a", port: port)], offset: 10_000) { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.sample(1))
      fixture.publisher.publish(.sample(2))
      #expect(try await fixture.metrics()["ticks"] == .number(0))
      await fixture.publisher.close()
      #expect(try client.next()?["seq"] as? Int == 1)
      #expect(try client.next()?["seq"] as? Int == 2)
    }
    #expect(try receiver.nextTick() == 1)
    #expect(try receiver.nextTick() == 2)
    #expect(try receiver.nextMessages()["/affect/state"] == [.string("stopping")])
  }

  // MARK: - Loss

  @Test func theSocketFallsBackToo() async throws {
    try await PublisherFixture.run(socketOnLoss: .fallback(Affect(valence: 0.25, arousal: -0.5))) { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.sample(1, nil, state: .reconnecting))
      fixture.publisher.publish(.sample(2, nil, state: .reconnecting))
      for _ in 1...2 {
        let line = try #require(try client.next())
        #expect(line["valence"] as? Double == 0.25 && line["arousal"] as? Double == -0.5)
        #expect(line["raw"] == nil && line["quadrant"] as? Int == 4)
        let color = try #require(line["color"] as? [String: Any])
        let expected = MoodPalette.standard.color(of: Affect(valence: 0.25, arousal: -0.5))
        #expect(color["html"] as? String == expected.text)
        let parts = try #require(color["rgb"] as? [Double])
        #expect(zip(parts, [expected.red, expected.green, expected.blue]).allSatisfy { abs($0 - Double($1)) < 1e-3 })
        #expect(line["state"] as? String == "reconnecting")
      }
    }
  }

  @Test func theSocketDecays() async throws {
    try await PublisherFixture.run(socketOnLoss: .decay(1)) { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.sample(1))
      for tick in 2...6 { fixture.publisher.publish(.sample(tick, state: .reconnecting)) }
      let values = try (1...6).map { _ in try #require(try client.next()?["valence"] as? Double) }
      #expect(values.first == 0.5 && values[4...] == [0, 0])
      #expect(values == values.sorted(by: >))
    }
  }

  @Test func aDestinationThatIsEditedDuringALossDoesNotJump() async throws {
    let receiver = try PacketReceiver()
    var destination = OSCDestination.test("a", port: receiver.port)
    destination.values = [.valence]
    destination.onLoss = .decay(1)
    let osc = [destination]
    destination.onLoss = .hold
    let edited = [destination]
    try await PublisherFixture.run(osc: osc) { fixture in
      fixture.publisher.publish(.sample(1))
      for tick in 2...6 { fixture.publisher.publish(.sample(tick, state: .reconnecting)) }
      try await fixture.use(Publisher.Settings(osc: edited))
      fixture.publisher.publish(.sample(7, state: .reconnecting))
    }
    let values = try (1...7).map { _ in try receiver.nextMessages()["/affect/valence"] }
    #expect(values[0] == [.float(0.5)] && values[5] == [.float(0)] && values[6] == [.float(0)])
  }

  @Test func whoComesDuringALossIsSentWhereThePolicyLeads() async throws {
    let (receiver, subscriber) = (try PacketReceiver(), try PacketReceiver())
    var destination = OSCDestination.test("late", port: receiver.port)
    destination.values = [.valence]
    let late = [destination]
    try await PublisherFixture.run(hasControl: true) { fixture in
      fixture.publisher.publish(.sample(1))
      fixture.publisher.publish(.sample(2, state: .reconnecting))
      var settings = Publisher.Settings(osc: late)
      settings.control = HostEndpoint(host: "127.0.0.1", port: fixture.controlPort)
      try await fixture.use(settings)
      try subscriber.send(OSCMessage("/affect/subscribe").encoded(), toPort: fixture.controlPort)
      try subscriber.send(OSCMessage("/affect/ping").encoded(), toPort: fixture.controlPort)
      #expect(try subscriber.nextMessages() == [OSCMessage("/affect/pong")])
      fixture.publisher.publish(.sample(3, state: .reconnecting))
      #expect(try receiver.nextMessages()["/affect/valence"] == [.float(0)])
      #expect(try subscriber.nextMessages()["/affect/valence"] == [.float(0)])
    }
  }

  /// The fader sees the ticks of a pause, too.
  @Test func aPauseDoesNotHoldUpADecay() async throws {
    try await PublisherFixture.run(socketOnLoss: .decay(1)) { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.sample(1))
      try await fixture.onLoop { $0.isPaused = true }
      for tick in 2...9 { fixture.publisher.publish(.sample(tick, state: .reconnecting)) }
      try await fixture.onLoop { $0.isPaused = false }
      fixture.publisher.publish(.sample(10, state: .reconnecting))
      #expect(try client.next()?["valence"] as? Double == 0.5)
      #expect(try client.next()?["valence"] as? Double == 0)
    }
  }

  // MARK: - The end

  @Test func destinationsAreToldThatNothingFollows() async throws {
    let (first, second) = (try PacketReceiver(), try PacketReceiver())
    var falls = OSCDestination.test("falls", port: second.port)
    falls.values = [.valence, .state]
    falls.onLoss = .fallback(Affect(valence: -0.5, arousal: 0))
    let osc = [OSCDestination.test("a", port: first.port), falls]
    try await PublisherFixture.run(osc: osc) { fixture in
      fixture.publisher.publish(.sample(1))
      await fixture.publisher.close()
      // The network ended its window too late.
      fixture.publisher.publish(.sample(2))
      let metrics = try await fixture.metrics()
      #expect(metrics["ticks"] == .number(1))
    }
    #expect(try first.nextTick() == 1)
    #expect(
      try first.nextMessages()
        == [
          OSCMessage("/affect/level", .float(-1)), OSCMessage("/affect/active", .int(0)),
          OSCMessage("/affect/state", .string("stopping")),
        ])
    #expect(try second.nextMessages()["/affect/valence"] == [.float(0.5)])
    #expect(
      try second.nextMessages()
        == [OSCMessage("/affect/valence", .float(-0.5)), OSCMessage("/affect/state", .string("stopping"))])
  }
}
