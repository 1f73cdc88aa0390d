import Affect
import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOPosix
import Platform
import Publishing
import TestSupport
import Testing

/// Lamps with WLED: UDP byte by byte, and the JSON API against a web server.
@Suite(.ownThreads) struct WLEDTests {
  /// One colour, whatever the mood.
  private static let palette = MoodPalette([
    MoodPalette.Point(.neutral, MoodColor(red: 1, green: 128 / 255, blue: 0))
  ])

  private func tick(
    _ number: Int, _ affect: Affect = Affect(valence: 0, arousal: 1), palette: MoodPalette = palette
  ) -> PublishedTick {
    PublishedTick(.sample(number, affect), unixTime: 0, palette: palette)
  }

  // MARK: - UDP

  private func packets(_ change: (inout WLEDDestination) -> Void) throws -> [[UInt8]] {
    let (loop, receiver) = (EmbeddedEventLoop(), try PacketReceiver())
    var destination = WLEDDestination(name: "lamp", host: "127.0.0.1")
    destination.port = receiver.port
    change(&destination)
    let sender = WLEDSender(destination, replacing: nil, OutputSurroundings(loop: loop) { _ in })
    sender.send(tick(1))
    loop.run()
    return receiver.allWaiting()
  }

  @Test func aShortStripIsOnePacket() throws {
    let packets = try packets { $0.leds = 3 }
    #expect(packets == [[2, 3, 255, 128, 0, 255, 128, 0, 255, 128, 0]])
    #expect(try self.packets { $0.leds = 490 }.map(\.count) == [2 + 3 * 490])
  }

  @Test func aLongStripIsSeveral() throws {
    let packets = try packets { $0.leds = 1000 }
    #expect(packets.map { Array($0.prefix(4)) } == [[4, 3, 0, 0], [4, 3, 0x01, 0xE9], [4, 3, 0x03, 0xD2]])
    #expect(packets.map { ($0.count - 4) / 3 } == [489, 489, 22])
  }

  @Test func theBrightnessScalesTheColor() throws {
    func color(_ brightness: WLEDDestination.Brightness?) throws -> [UInt8] {
      let packets = try packets {
        $0.leds = 1
        $0.brightness = brightness
      }
      return Array(packets[0][2...])
    }
    #expect(try color(nil) == [255, 128, 0])
    #expect(try color(.fixed(51)) == [51, 25, 0])
    // The arousal is 1, the valence in the middle.
    #expect(try color(.value(.arousal)) == [255, 128, 0])
    #expect(try color(.value(.valence)) == [128, 64, 0])
  }

  // MARK: - JSON

  /// A lamp: it writes down what it is told, and answers when it may.
  final class Lamp: Sendable {
    let port: Int
    let bodies = Locked<[String]>([])
    private let state: Locked<State>
    private let channel: any Channel

    enum Manner: Sendable {
      case accepts, refuses, hangsUp, waits, talksNonsense
    }

    private struct State {
      var manner: Manner
      var waiting: [any Channel] = []
    }

    init(_ manner: Manner, port: Int = 0) async throws {
      let (state, bodies) = (Locked(State(manner: manner)), bodies)
      self.state = state
      channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            try channel.pipeline.syncOperations.addHandler(
              Reader { text in
                bodies.withValue { $0.append(text) }
                state.withValue { state in
                  if state.manner == .waits {
                    state.waiting.append(channel)
                  } else {
                    Self.answer(state.manner, channel)
                  }
                }
              })
          }
        }.bind(host: "127.0.0.1", port: port).get()
      self.port = try #require(channel.localAddress?.port)
    }

    /// Answers those that wait, and all that follow, in this manner.
    func goOn(_ manner: Manner) {
      state.withValue { state in
        state.manner = manner
        for channel in state.waiting { Self.answer(manner, channel) }
        state.waiting = []
      }
    }

    func switchOff() async throws { try await channel.close() }

    func bodies(_ count: Int) -> [String]? { bodies.withValue(when: { $0.count >= count }, within: 60, do: { $0 }) }

    private static func answer(_ manner: Manner, _ channel: any Channel) {
      switch manner {
      case .accepts, .refuses:
        let head = HTTPResponseHead(
          version: .http1_1, status: manner == .accepts ? .ok : .serviceUnavailable, headers: ["Content-Length": "0"])
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
      case .talksNonsense:
        channel.pipeline.context(handlerType: HTTPResponseEncoder.self).whenSuccess { context in
          context.writeAndFlush(NIOAny(ByteBuffer(string: "WLED\u{0}?\r\n\r\n")), promise: nil)
        }
      case .hangsUp: channel.close(promise: nil)
      case .waits: break
      }
    }

    private final class Reader: ChannelInboundHandler {
      typealias InboundIn = HTTPServerRequestPart
      private let onBody: (String) -> Void
      private var text = ""

      init(onBody: @escaping (String) -> Void) {
        self.onBody = onBody
      }

      func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): text = "\(head.method) \(head.uri) \(head.headers["Content-Type"].joined()) "
        case .body(let part): text += String(buffer: part)
        case .end: onBody(text)
        }
      }
    }
  }

  /// A sender on an event loop of its own.
  private final class Sender: Sendable {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let remarks = Locked<[String]>([])
    private let sender: NIOLoopBound<WLEDSender>

    init(
      _ port: Int, lookUp: HostLookUp = .system,
      _ change: @escaping @Sendable (inout WLEDDestination) -> Void = { _ in }
    ) async throws {
      let (loop, remarks) = (loop, remarks)
      sender = try await loop.submit {
        var destination = WLEDDestination(name: "lamp", host: "127.0.0.1", mode: .json)
        destination.port = port
        destination.rate = 44
        change(&destination)
        let surroundings = OutputSurroundings(loop: loop, lookUp: lookUp) { remark in
          remarks.withValue { $0.append(remark.text) }
        }
        return NIOLoopBound(WLEDSender(destination, replacing: nil, surroundings), eventLoop: loop)
      }.get()
    }

    func send(_ ticks: PublishedTick...) async throws {
      try await loop.submit { [sender] in for tick in ticks { sender.value.send(tick) } }.get()
    }

    func status() async throws -> OutputStatus {
      try await loop.submit { [sender] in sender.value.status }.get()
    }

    func hasEnded() async throws -> Bool? {
      try await loop.submit { [sender] in sender.value.ending?.withValue { $0 } }.get()
    }

    func waitForEnd() async throws -> Bool {
      let ending = try await loop.submit { [sender] in sender.value.ending }.get()
      return ending?.withValue(when: { $0 }, within: 60, do: { $0 }) == true
    }

    func close() async throws {
      try await loop.submit { [sender] in sender.value.close(replacedBy: nil) }.get()
    }

    func nextRemark(_ count: Int) -> String? {
      remarks.withValue(when: { $0.count >= count }, within: 60, do: { $0[count - 1] })
    }
  }

  /// Other colours, so that there is something to tell.
  private func colored(_ number: Int, red: Int? = nil) -> PublishedTick {
    let color = MoodColor(red: Float(red ?? number) / 255, green: 0, blue: 0)
    return tick(number, palette: MoodPalette([MoodPalette.Point(.neutral, color)]))
  }

  @Test func aLampIsToldItsColor() async throws {
    let lamp = try await Lamp(.accepts)
    let sender = try await Sender(lamp.port) { $0.rate = 2 }
    try await sender.send(tick(1))
    #expect(lamp.bodies(1) == [#"POST /json/state application/json {"tt":5,"seg":{"col":[[255,128,0]]}}"#])
    try await sender.close()
    try await lamp.switchOff()
  }

  @Test func theBrightnessIsToldIfItIsAskedFor() async throws {
    let lamp = try await Lamp(.accepts)
    let sender = try await Sender(lamp.port) { $0.brightness = .value(.arousal) }
    try await sender.send(tick(1, Affect(valence: 0, arousal: 0.5)))
    #expect(lamp.bodies(1)?.first?.contains(#""on":true,"bri":191,"#) == true)
    try await sender.send(tick(2, Affect(valence: 0, arousal: -1)))
    #expect(lamp.bodies(2)?.last?.contains(#""on":false,"bri":1,"#) == true)
    try await sender.close()
    try await lamp.switchOff()
  }

  /// One that is slow gets the newest colour when it is ready, and nothing piles up.
  @Test func aSlowLampMissesWhatCameMeanwhile() async throws {
    let lamp = try await Lamp(.waits)
    let sender = try await Sender(lamp.port)
    try await sender.send(colored(1))
    #expect(lamp.bodies(1)?.count == 1)
    for number in 2...50 { try await sender.send(colored(number)) }
    lamp.goOn(.accepts)
    #expect(lamp.bodies(2)?.last?.contains("[[50,0,0]]") == true)
    let status = try await sender.status()
    #expect(status.dropped == 48)
    try await sender.close()
    try await lamp.switchOff()
    #expect(lamp.bodies.withValue { $0.count } == 2)
  }

  @Test(
    arguments: [
      (Lamp.Manner.refuses, "it answers 503"), (.hangsUp, "it closed the connection without an answer"),
      (.talksNonsense, "its answer is no HTTP"), (.waits, "it does not answer"),
    ] as [(Lamp.Manner, String)])
  func whatALampDoesWrongIsTold(_ manner: Lamp.Manner, _ problem: String) async throws {
    let lamp = try await Lamp(manner)
    let sender = try await Sender(lamp.port)
    try await sender.send(colored(1))
    #expect(sender.nextRemark(1) == "WLED lamp lamp: it cannot be told: \(problem); going on trying")
    #expect(try await sender.status().problem == problem)
    // The next one is told all the same, though it is the same colour.
    lamp.goOn(.accepts)
    try await sender.send(colored(2, red: 1))
    #expect(lamp.bodies(2)?.count == 2)
    try await sender.close()
    try await lamp.switchOff()
  }

  @Test func aLampWhoseNameIsNotKnownYetIsToldWhenItIs() async throws {
    let lamp = try await Lamp(.accepts)
    let port = lamp.port
    let answer = Locked<EventLoopPromise<SocketAddress>?>(nil)
    let lookUp = HostLookUp { _, _, loop in
      let promise = loop.makePromise(of: SocketAddress.self)
      answer.withValue { $0 = promise }
      return promise.futureResult
    }
    let sender = try await Sender(port, lookUp: lookUp) { $0.host = "lamp.test" }
    try await sender.send(colored(1), colored(2))
    #expect(try await sender.status().problem == nil)
    try answer.withValue { $0?.succeed(try SocketAddress(ipAddress: "127.0.0.1", port: port)) }
    #expect(lamp.bodies(1)?.first?.contains("[[2,0,0]]") == true)
    try await sender.close()
    try await lamp.switchOff()
  }

  /// Though it is busy when affectd ends.
  @Test func aSlowLampIsToldTheLastColorYet() async throws {
    let lamp = try await Lamp(.waits)
    let sender = try await Sender(lamp.port) { $0.onLoss = .hold }
    try await sender.send(colored(1))
    #expect(lamp.bodies(1)?.count == 1)
    try await sender.send(colored(2), colored(3))
    try await sender.close()
    #expect(try await sender.hasEnded() == false)
    lamp.goOn(.accepts)
    #expect(lamp.bodies(2)?.last?.contains("[[3,0,0]]") == true)
    #expect(try await sender.waitForEnd())
    try await lamp.switchOff()
  }

  @Test func aLampThatIsOffIsTriedWithEveryColor() async throws {
    let port = try FreePort.find(SOCK_STREAM)
    let sender = try await Sender(port)
    try await sender.send(colored(1))
    #expect(sender.nextRemark(1) == "WLED lamp lamp: it cannot be told: Connection refused; going on trying")
    #expect(try await sender.status().isUp == false)
    let lamp = try await Lamp(.accepts, port: port)
    try await sender.send(colored(2))
    #expect(lamp.bodies(1)?.count == 1)
    try await sender.close()
    try await lamp.switchOff()
  }
}
