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

  // MARK: - Other outputs

  /// A universe at a receiver of this machine.
  private func universe(_ name: String, port: Int, interface: String? = nil) -> DMXDestination {
    var destination = DMXDestination(
      name: name, .artnet, universe: 1, host: "127.0.0.1", channels: [1: .value(.valence), 2: .value(.active)])
    destination.port = port
    destination.interface = interface
    return destination
  }

  @Test func otherOutputsAreSeenInStateAndMetrics() async throws {
    let receiver = try PacketReceiver()
    let port = receiver.port
    try await PublisherFixture.run { settings in
      settings.dmx = [universe("stage", port: port)]
      settings.midi = MIDIDestination(controls: [1: .valence])
    } _: { fixture in
      fixture.publisher.publish(.sample(1, Affect(valence: 1, arousal: 0)))
      #expect(try #require(receiver.next()).suffix(512).prefix(3) == [255, 255, 0])
      let state = try await fixture.state()
      #expect(state["dmx"]?["stage"]?["host"] == .string("127.0.0.1"))
      #expect(state["dmx"]?["stage"]?["address"] == .string("127.0.0.1:\(port)"))
      #expect(state["midi"]?["sequencer"]?["host"] == .string("affectd"))
      #expect(state["mqtt"] == nil && state["wled"] == nil && state["osc"] != nil)
      let counts = try await fixture.metrics()["dmx"]?["destinations"]?["stage"]
      #expect(try #require(counts?["sent"]?.number) >= 1)
      #expect(counts?["dropped"] == .number(0) && counts?["up"] == .bool(true))
      let page = try await fixture.onLoop { $0.prometheusReport }
      #expect(page.contains("affectd_dmx_destination_up{destination=\"stage\"} 1\n"))
      #expect(page.contains("# TYPE affectd_dmx_sent_packets_total counter\n"))
      #expect(page.contains("affectd_midi_destination_up{destination=\"sequencer\"}"))
      #expect(!page.contains("affectd_mqtt"))
    }
  }

  @Test func aUniverseThatStaysGoesOnWhereItWas() async throws {
    let receiver = try PacketReceiver()
    let port = receiver.port
    try await PublisherFixture.run {
      $0.dmx = [universe("stage", port: port)]
    } _: { fixture in
      fixture.publisher.publish(.sample(1))
      let first = try #require(receiver.next())
      var settings = settings([])
      settings.dmx = [universe("stage", port: port), universe("other", port: port)]
      try await fixture.use(settings)
      var last = first[12]
      // The other one has its own sequence, and sends nothing before its first tick.
      for _ in 0..<3 {
        let packet = try #require(receiver.next())
        #expect(packet[12] == last + 1)
        last = packet[12]
      }
      settings.dmx = []
      try await fixture.use(settings)
      #expect(try await fixture.state()["dmx"] == nil)
    }
  }

  /// One has no such interface, one a web server and one a broker that never answer.
  @Test func noOutputFeelsTheTroubleOfAnother() async throws {
    let (receiver, silent) = (try PacketReceiver(), try SilentServer())
    let (port, silentPort) = (receiver.port, silent.port)
    try await PublisherFixture.run(osc: [.test("a", port: port)]) { settings in
      settings.dmx = [universe("nowhere", port: 1, interface: "203.0.113.9")]
      var lamp = WLEDDestination(name: "lamp", host: "127.0.0.1", mode: .json)
      lamp.port = silentPort
      settings.wled = [lamp]
      settings.mqtt = MQTTDestination(host: "127.0.0.1")
      settings.mqtt?.port = silentPort
      settings.midi = MIDIDestination(controls: [1: .valence])
    } _: { fixture in
      let client = try fixture.client()
      for tick in 1...400 {
        fixture.publisher.publish(.sample(tick, Affect(valence: Float(tick) / 400, arousal: 0)))
        #expect(try receiver.nextTick() == tick)
        #expect(try client.next()?["seq"] as? Int == tick)
      }
      let state = try await fixture.state()
      #expect(state["dmx"]?["nowhere"]?["problem"] == .string("interface 203.0.113.9 is no address of this machine"))
      let metrics = try await fixture.metrics()
      #expect(metrics["osc"]?["destinations"]?["a"]?["dropped"] == .number(0))
      for (kind, name) in [("wled", "lamp"), ("mqtt", "broker")] {
        #expect(metrics[kind]?["destinations"]?[name]?["sent"] == .number(0))
        #expect(try #require(metrics[kind]?["destinations"]?[name]?["dropped"]?.number) > 50, "\(kind)")
      }
    }
  }

  // MARK: - Settings

  private func settings(_ osc: [OSCDestination]) -> Publisher.Settings {
    Publisher.Settings(osc: osc, control: nil, socketOnLoss: .hold, offset: 0)
  }

  private func counts(_ fixture: PublisherFixture, _ name: String) async throws -> JSONValue? {
    try await fixture.metrics()["osc"]?["destinations"]?[name]
  }

  @Test func destinationsThatStayKeepTheirCounters() async throws {
    let (first, second, third) = (try PacketReceiver(), try PacketReceiver(), try PacketReceiver())
    let (stays, changes, comes) = (
      OSCDestination.test("stays", port: first.port), OSCDestination.test("changes", port: second.port),
      OSCDestination.test("comes", port: third.port)
    )
    try await PublisherFixture.run(osc: [changes, stays]) { fixture in
      for tick in 1...3 { fixture.publisher.publish(.sample(tick)) }
      #expect(try await counts(fixture, "stays")?["sent"] == .number(3))
      var changed = changes
      changed.values = [.level]
      try await fixture.use(settings([stays, changed, comes]))
      fixture.publisher.publish(.sample(4))
      #expect(try await counts(fixture, "stays")?["sent"] == .number(4))
      #expect(try await counts(fixture, "changes")?["sent"] == .number(4))
      #expect(try await counts(fixture, "comes")?["sent"] == .number(1))
      try await fixture.use(settings([stays]))
      #expect(try await counts(fixture, "comes") == nil)
      fixture.publisher.publish(.sample(5))
    }
    for tick in 1...5 { #expect(try first.nextTick() == tick) }
    for _ in 1...3 { #expect(try second.nextMessages().count == 3) }
    #expect(try second.nextMessages() == [OSCMessage("/affect/level", .float(-4))])
    #expect(try third.nextTick() == 4)
  }

  @Test func whatStaysKeepsItsPlaceInADecay() async throws {
    let receiver = try PacketReceiver()
    var destination = OSCDestination.test("a", port: receiver.port)
    destination.values = [.valence]
    destination.onLoss = .decay(1)
    let osc = [destination]
    try await PublisherFixture.run(osc: osc, socketOnLoss: .decay(1)) { fixture in
      let client = try fixture.client()
      fixture.publisher.publish(.sample(1))
      for tick in 2...5 { fixture.publisher.publish(.sample(tick, state: .reconnecting)) }
      var other = settings(osc)
      other.socketOnLoss = .decay(1)
      other.offset = -1
      try await fixture.use(other)
      fixture.publisher.publish(.sample(6, state: .reconnecting))
      let lines = try (1...6).map { _ in try #require(try client.next()?["valence"] as? Double) }
      #expect(lines[0] == 0.5 && lines[4] == 0 && lines[5] == 0)
    }
    let values = try (1...6).map { _ in try receiver.nextMessages()["/affect/valence"] }
    #expect(values.first == [.float(0.5)])
    #expect(values[4] == [.float(0)] && values[5] == [.float(0)])
  }

  /// A desk with a name. Where it is nobody knows until the test says so.
  private static func desk(_ receiver: PacketReceiver) -> OSCDestination {
    var destination = OSCDestination.test("desk", port: receiver.port)
    destination.endpoint = HostEndpoint(host: "desk.test", port: receiver.port)
    return destination
  }

  @Test func aHostWithoutAnAddressKeepsNobodyWaiting() async throws {
    let receiver = try PacketReceiver()
    let (stays, desk) = (OSCDestination.test("stays", port: receiver.port), Self.desk(receiver))
    let lookUp = HostLookUp { _, _, loop in loop.makeFailedFuture(Failure(.unavailable, "Name or service not known")) }
    try await PublisherFixture.run(osc: [desk, stays], lookUp: lookUp) { fixture in
      fixture.publisher.publish(.sample(1))
      #expect(try receiver.nextTick() == 1)
      #expect(try await counts(fixture, "desk")?["dropped"] == .number(1))
      #expect(try await counts(fixture, "desk")?["up"] == .bool(false))
      #expect(try await counts(fixture, "stays")?["up"] == .bool(true))
      let report = try await fixture.state()["osc"]?["desk"]
      #expect(report?["host"] == .string("desk.test") && report?["address"] == nil)
      #expect(report?["problem"]?.string?.contains("Name or service not known") == true)
      // A reload is not kept up either, and nothing is said twice.
      try await fixture.use(settings([desk, stays]))
      fixture.publisher.publish(.sample(2))
      #expect(try receiver.nextTick() == 2)
      let outages = fixture.remarks.filter { if case .outage = $0 { true } else { false } }
      #expect(outages.count == 1 && outages[0].text.contains("desk.test"))
    }
  }

  @Test func aReloadLooksAHostUpAnew() async throws {
    let (first, second) = (try PacketReceiver(), try PacketReceiver())
    let desk = Self.desk(first)
    let ports = Mutex([first.port, second.port])
    let lookUp = HostLookUp { _, _, loop in
      let port = ports.withLock { $0.removeFirst() }
      return loop.makeCompletedFuture { try SocketAddress(ipAddress: "127.0.0.1", port: port) }
    }
    try await PublisherFixture.run(osc: [desk], lookUp: lookUp) { fixture in
      fixture.publisher.publish(.sample(1))
      #expect(try first.nextTick() == 1)
      try await fixture.use(settings([desk]))
      fixture.publisher.publish(.sample(2))
      #expect(try second.nextTick() == 2)
      #expect(try await counts(fixture, "desk")?["sent"] == .number(2))
    }
  }

  /// The address 255.255.255.255 with a port of 0 is one that no system sends to.
  @Test func whatCannotBeSentIsCountedAndTroublesNobody() async throws {
    let receiver = try PacketReceiver()
    let good = OSCDestination.test("good", port: receiver.port)
    var bad = OSCDestination.test("bad", port: receiver.port)
    bad.endpoint = HostEndpoint(host: "bad.test", port: 1)
    let lookUp = HostLookUp { _, _, loop in
      loop.makeCompletedFuture { try SocketAddress(ipAddress: "255.255.255.255", port: 0) }
    }
    try await PublisherFixture.run(osc: [bad, good], lookUp: lookUp) { fixture in
      for tick in 1...3 {
        fixture.publisher.publish(.sample(tick))
        let received = try receiver.nextTick()
        #expect(received == tick)
      }
      #expect(try await counts(fixture, "bad")?["dropped"] == .number(3))
      #expect(try await counts(fixture, "bad")?["up"] == .bool(false))
      #expect(try await counts(fixture, "good")?["sent"] == .number(3))
      #expect(fixture.remarks.count == 1 && fixture.problems[0].contains("OSC destination bad"))
      #expect(try await fixture.state()["osc"]?["bad"]?["problem"] == .string("Invalid argument"))
    }
  }

  @Test func aControlPortThatIsTakenIsRefusedWithAMessage() async throws {
    let taken = try PacketReceiver()
    let port = taken.port
    try await PublisherFixture.run { fixture in
      var settings = settings([])
      settings.control = HostEndpoint(host: "127.0.0.1", port: port)
      do {
        try await fixture.use(settings)
        Issue.record("the port was free")
      } catch let error as Failure {
        #expect(error.code == .unavailable)
        #expect(error.description.contains("127.0.0.1:\(port)") && error.description.contains("[control]"))
      }
      // The publisher goes on.
      let client = try fixture.client()
      fixture.publisher.publish(.sample(1))
      #expect(try client.next()?["seq"] as? Int == 1)
    }
    // It is still bound.
    #expect(taken.port == port)
  }

  @Test func theControlPortCanBeOpenedAndClosedWhileRunning() async throws {
    try await PublisherFixture.run(hasControl: true) { fixture in
      let sender = try PacketReceiver()
      let ping = OSCMessage("/affect/ping", .int(1)).encoded()
      try sender.send(ping, toPort: fixture.controlPort)
      #expect(try sender.nextMessages() == [OSCMessage("/affect/pong", .int(1))])
      try await fixture.use(settings([]))
      // Closed ports can be taken by others.
      var again = settings([])
      again.control = HostEndpoint(host: "127.0.0.1", port: fixture.controlPort)
      try await fixture.use(again)
      // The same once more stays as it is.
      try await fixture.use(again)
      try sender.send(ping, toPort: fixture.controlPort)
      #expect(try sender.nextMessages() == [OSCMessage("/affect/pong", .int(1))])
    }
  }

  @Test func theControlPortCanMoveToAnotherAddressWithTheSameNumber() async throws {
    try await PublisherFixture.run(hasControl: true) { fixture in
      let sender = try PacketReceiver()
      var everywhere = settings([])
      everywhere.control = HostEndpoint(host: "0.0.0.0", port: fixture.controlPort)
      try await fixture.use(everywhere)
      try sender.send(OSCMessage("/affect/ping", .int(1)).encoded(), toPort: fixture.controlPort)
      #expect(try sender.nextMessages() == [OSCMessage("/affect/pong", .int(1))])
      // An address that is not this machine's (RFC 5737) changes nothing.
      var elsewhere = settings([])
      elsewhere.control = HostEndpoint(host: "192.0.2.1", port: fixture.controlPort)
      await #expect(throws: Failure.self) { try await fixture.use(elsewhere) }
      try sender.send(OSCMessage("/affect/ping", .int(2)).encoded(), toPort: fixture.controlPort)
      #expect(try sender.nextMessages() == [OSCMessage("/affect/pong", .int(2))])
    }
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
      try await fixture.use(settings(edited))
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
      var settings = settings(late)
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
