import Affect
import Publishing
import TestSupport
import Testing

/// Control messages over real UDP.
@Suite(.ownThreads) struct OSCControlTests {
  /// Sends messages to the control port, and takes what comes back.
  private struct Sender {
    let socket: PacketReceiver
    let port: Int

    init(_ fixture: PublisherFixture) throws {
      socket = try PacketReceiver()
      port = fixture.controlPort
    }

    func send(_ address: String, _ arguments: OSCArgument...) throws {
      try socket.send(OSCMessage(address, arguments: arguments).encoded(), toPort: port)
    }

    func send(_ bytes: [UInt8]) throws { try socket.send(bytes, toPort: port) }

    /// Everything that comes back up to the answer to a ping that is sent now: what was sent before is done then.
    func answers() throws -> [OSCMessage] {
      try send("/affect/ping", .string("last"))
      var answers: [OSCMessage] = []
      while true {
        let messages = try socket.nextMessages()
        if messages == [OSCMessage("/affect/pong", .string("last"))] { return answers }
        answers += messages
      }
    }

    /// The reasons of the errors that came back, and nothing else.
    func errors() throws -> [String] {
      try answers().map { message in
        guard message.address == "/affect/error", case .string(let reason) = message.arguments.first else {
          Issue.record("\(message)")
          return ""
        }
        return reason
      }
    }
  }

  private func run(_ body: @Sendable (PublisherFixture) async throws -> Void) async throws {
    try await PublisherFixture.run(hasControl: true, body)
  }

  @Test func aPingComesBackWithItsArguments() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      let arguments: [OSCArgument] = [
        .int(7), .string("é"), .float(0.5), .blob([1, 2]), .bool(true), .timeTag(.immediately),
      ]
      try sender.send(OSCMessage("/affect/ping", arguments: arguments).encoded())
      #expect(try sender.socket.nextMessages() == [OSCMessage("/affect/pong", arguments: arguments)])
      try sender.send("/affect/ping")
      #expect(try sender.socket.nextMessages() == [OSCMessage("/affect/pong")])
    }
  }

  @Test(
    arguments: [
      ("/affect/pause", [], .pause), ("/affect/pause", [.int(1)], .pause), ("/affect/resume", [.float(1)], .resume),
      ("/affect/freeze", [.bool(true)], .freeze), ("/affect/reset", [.impulse], .reset),
      ("/affect/mark", [], .mark("")), ("/affect/mark", [.string("drop")], .mark("drop")),
      ("/affect/mark", [.string(String(repeating: "x", count: 200))], .mark(String(repeating: "x", count: 200))),
      ("/affect/smoothing", [.string("none")], .set(.init(smoothing: "none"))),
      ("/affect/gain", [.float(-6.5)], .set(.init(gain: -6.5))), ("/affect/gain", [.int(0)], .set(.init(gain: 0))),
      ("/affect/gain", [.int64(3)], .set(.init(gain: 3))),
      ("/affect/offset", [.double(-250)], .set(.init(offset: -250))),
      ("/affect/calibrate", [], .calibrate(seconds: 30)), ("/affect/calibrate", [.int(5)], .calibrate(seconds: 5)),
      ("/affect/calibrate", [.float(600)], .calibrate(seconds: 600)),
    ] as [(String, [OSCArgument], ControlCommand)])
  func everyCommandIsUnderstood(_ address: String, _ arguments: [OSCArgument], _ expected: ControlCommand) async throws
  {
    try await run { fixture in
      let sender = try Sender(fixture)
      try sender.send(OSCMessage(address, arguments: arguments).encoded())
      #expect(try sender.answers() == [])
      #expect(fixture.commands == [expected])
    }
  }

  @Test func aButtonThatIsLetGoDoesNothing() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      for name in ["pause", "resume", "freeze", "reset"] {
        for argument in [OSCArgument.int(0), .float(0), .double(0), .int64(0), .bool(false)] {
          try sender.send("/affect/\(name)", argument)
        }
      }
      #expect(try sender.answers() == [])
      #expect(fixture.commands == [])
      // Where it is a value, 0 is one.
      try sender.send("/affect/gain", .float(0))
      #expect(try sender.answers() == [])
      #expect(fixture.commands == [.set(.init(gain: 0))])
    }
  }

  @Test func aPatternReachesSeveral() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      try sender.send("/affect/{pause,freeze}")
      #expect(try sender.answers() == [])
      #expect(fixture.commands == [.pause, .freeze])
      try sender.send("/affect/*s*e*")
      _ = try sender.answers()
      #expect(fixture.commands.dropFirst(2) == [.pause, .resume, .reset])
    }
  }

  @Test func aStarReachesAll() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      try sender.send("/affect/*")
      let answers = try sender.answers()
      #expect(fixture.commands == [.pause, .resume, .freeze, .reset, .mark(""), .calibrate(seconds: 30)])
      #expect(answers.filter { $0.address == "/affect/error" }.count == 3)
      #expect(answers.filter { $0.address == "/affect/pong" }.count == 1)
      // It subscribed, and unsubscribed.
      #expect(try await fixture.metrics()["osc"]?["subscribers"] == .number(0))
    }
  }

  @Test func aBundleIsCarriedOutInItsOrder() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      let inner = OSCBundle([OSCMessage("/affect/mark", .string("b")), OSCMessage("/affect/resume")])
      let bundle = OSCBundle(
        elements: [.message(OSCMessage("/affect/pause")), .bundle(inner), .message(OSCMessage("/affect/reset"))])
      try sender.send(bundle.encoded())
      #expect(try sender.answers() == [])
      #expect(fixture.commands == [.pause, .mark("b"), .resume, .reset])
    }
  }

  @Test func malformedPacketsAreCountedAndThePortStays() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      let malformed: [[UInt8]] = [
        [1, 2, 3], Array("/affect/pause".utf8), Array("#bundle\0".utf8), [], Array(repeating: 255, count: 1400),
      ]
      for packet in malformed { try sender.send(packet) }
      #expect(try sender.answers() == [])
      #expect(fixture.commands == [])
      let osc = try await fixture.metrics()["osc"]
      #expect(osc?["malformed_packets"] == .number(Double(malformed.count)))
      #expect(osc?["control_messages"] == .number(1))
      #expect(osc?["refused_messages"] == .number(0))
      #expect(fixture.problems.count == malformed.count)
      #expect(fixture.problems.allSatisfy { $0.contains("malformed") && $0.contains("\(sender.socket.port)") })
    }
  }

  @Test(
    arguments: [
      ("/affect/gain", [.string("loud")], "/affect/gain: expected a number of decibels"),
      ("/affect/gain", [], "decibels"), ("/affect/gain", [.float(.nan)], "decibels"),
      ("/affect/offset", [.double(.infinity)], "milliseconds"), ("/affect/smoothing", [], "one-euro"),
      ("/affect/smoothing", [.int(1)], "one-euro"), ("/affect/mark", [.int(7)], "a text of at most 200 bytes"),
      ("/affect/mark", [.string(String(repeating: "x", count: 201))], "200 bytes"),
      ("/affect/calibrate", [.int(4)], "5.0 to 600.0 seconds"), ("/affect/calibrate", [.string("x")], "seconds"),
      ("/affect/subscribe", [.int(0)], "a port"), ("/affect/subscribe", [.int(65_536)], "a port"),
      ("/affect/unsubscribe", [.string("9000")], "a port"),
      ("/affect/dance", [], "'/affect/dance' is not known"), ("/affect", [], "'/affect' is not known"),
      ("/affect/[", [], "is not known"), ("/affect/pause/now", [], "is not known"),
      ("/x\n\u{1B}[31mé", [], "'/x??[31m??' is not known"),
      ("/" + String(repeating: "x", count: 1000), [], "'/\(String(repeating: "x", count: 63))' is not known"),
      // As the one that carries it out says.
      ("/affect/mark", [.string(PublisherFixture.refusedLabel)], "not now"),
    ] as [(String, [OSCArgument], String)])
  func theSenderIsToldWhatIsRefused(_ address: String, _ arguments: [OSCArgument], _ expected: String) async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      try sender.send(OSCMessage(address, arguments: arguments).encoded())
      let errors = try sender.errors()
      #expect(errors.count == 1 && errors.allSatisfy { $0.contains(expected) }, "\(errors)")
      #expect(try await fixture.metrics()["osc"]?["refused_messages"] == .number(1))
      let problem = try #require(fixture.problems.first)
      #expect(problem.contains(expected) && problem.contains("\(sender.socket.port)"), "\(problem)")
      #expect(!problem.contains("\n"))
    }
  }

  // MARK: - Subscriptions

  @Test func aSubscriberGetsTicksWhereItSendsFrom() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      try sender.send("/affect/subscribe")
      #expect(try sender.answers() == [])
      #expect(try await fixture.metrics()["osc"]?["subscribers"] == .number(1))
      fixture.publisher.publish(.sample(1))
      fixture.publisher.publish(.sample(2))
      let messages = try sender.socket.nextMessages()
      #expect(messages["/affect/valence"] == [.float(0.5)])
      #expect(messages["/affect/level"] == [.float(-1)])
      #expect(messages["/affect/state"] == [.string("tracking")])
      #expect(try sender.socket.nextTick() == 2)

      // Renewing does not double it.
      try sender.send("/affect/subscribe")
      _ = try sender.answers()
      fixture.publisher.publish(.sample(3))
      try await fixture.onLoop { _ in }
      #expect(try sender.answers()["/affect/level"] == [.float(-3)])
      #expect(try await fixture.metrics()["osc"]?["subscribers"] == .number(1))

      try sender.send("/affect/unsubscribe")
      _ = try sender.answers()
      fixture.publisher.publish(.sample(4))
      #expect(try await fixture.metrics()["osc"]?["subscribers"] == .number(0))
      #expect(try sender.answers() == [])
    }
  }

  @Test func aSubscriberGetsTicksAtThePortThatItNames() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      let named = try PacketReceiver()
      try sender.send("/affect/subscribe", .int(Int32(named.port)))
      #expect(try sender.answers() == [])
      fixture.publisher.publish(.sample(1))
      #expect(try named.nextTick() == 1)
      #expect(try sender.answers() == [])

      // The port that it sends from has no subscription to end.
      try sender.send("/affect/unsubscribe")
      _ = try sender.answers()
      #expect(try await fixture.metrics()["osc"]?["subscribers"] == .number(1))
      try sender.send("/affect/unsubscribe", .int(Int32(named.port)))
      _ = try sender.answers()
      fixture.publisher.publish(.sample(2))
      #expect(try await fixture.metrics()["osc"]?["subscribers"] == .number(0))
      try named.send(OSCMessage("/affect/ping").encoded(), toPort: fixture.controlPort)
      #expect(try named.nextMessages() == [OSCMessage("/affect/pong")])
    }
  }

  @Test func subscribersAreToldThatNothingFollows() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      try sender.send("/affect/subscribe")
      _ = try sender.answers()
      fixture.publisher.publish(.sample(1))
      await fixture.publisher.close()
      #expect(try sender.socket.nextTick() == 1)
      #expect(try sender.socket.nextMessages()["/affect/state"] == [.string("stopping")])
    }
  }

  @Test func thereAreSixtyFourSubscribersAndNoMore() async throws {
    try await run { fixture in
      let sender = try Sender(fixture)
      // Nothing is published, so nobody is troubled at these ports.
      for port in 1...64 { try sender.send("/affect/subscribe", .int(Int32(port))) }
      // No waiting for other tasks in between, which could outlast the leases.
      #expect(try sender.answers() == [])
      try sender.send("/affect/subscribe", .int(65))
      #expect(try sender.errors() == ["there are 64 subscribers already"])
      // Those who are there may stay, and whoever goes leaves room for one.
      try sender.send("/affect/subscribe", .int(1))
      try sender.send("/affect/unsubscribe", .int(2))
      try sender.send("/affect/subscribe", .int(65))
      #expect(try sender.answers() == [])
      try sender.send("/affect/subscribe", .int(66))
      #expect(try sender.errors() == ["there are 64 subscribers already"])
      for port in 1...65 { try sender.send("/affect/unsubscribe", .int(Int32(port))) }
      #expect(try sender.answers() == [])
      #expect(try await fixture.metrics()["osc"]?["subscribers"] == .number(0))
    }
  }
}
