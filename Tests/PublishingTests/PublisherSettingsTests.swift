import Affect
import NIOCore
import Platform
import Publishing
import Synchronization
import TestSupport
import Testing

/// The outputs of a publisher and its control port, and what a reload makes of them, over real sockets.
@Suite(.ownThreads) struct PublisherSettingsTests {
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
      var settings = Publisher.Settings(osc: [])
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
      try await fixture.use(Publisher.Settings(osc: [stays, changed, comes]))
      fixture.publisher.publish(.sample(4))
      #expect(try await counts(fixture, "stays")?["sent"] == .number(4))
      #expect(try await counts(fixture, "changes")?["sent"] == .number(4))
      #expect(try await counts(fixture, "comes")?["sent"] == .number(1))
      try await fixture.use(Publisher.Settings(osc: [stays]))
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
      var other = Publisher.Settings(osc: osc)
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
      try await fixture.use(Publisher.Settings(osc: [desk, stays]))
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
      try await fixture.use(Publisher.Settings(osc: [desk]))
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
      var settings = Publisher.Settings(osc: [])
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
      try await fixture.use(Publisher.Settings(osc: []))
      // Closed ports can be taken by others.
      var again = Publisher.Settings(osc: [])
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
      var everywhere = Publisher.Settings(osc: [])
      everywhere.control = HostEndpoint(host: "0.0.0.0", port: fixture.controlPort)
      try await fixture.use(everywhere)
      try sender.send(OSCMessage("/affect/ping", .int(1)).encoded(), toPort: fixture.controlPort)
      #expect(try sender.nextMessages() == [OSCMessage("/affect/pong", .int(1))])
      // An address that is not this machine's (RFC 5737) changes nothing.
      var elsewhere = Publisher.Settings(osc: [])
      elsewhere.control = HostEndpoint(host: "192.0.2.1", port: fixture.controlPort)
      await #expect(throws: Failure.self) { try await fixture.use(elsewhere) }
      try sender.send(OSCMessage("/affect/ping", .int(2)).encoded(), toPort: fixture.controlPort)
      #expect(try sender.nextMessages() == [OSCMessage("/affect/pong", .int(2))])
    }
  }
}
