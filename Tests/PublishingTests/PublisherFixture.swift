import Affect
import Glibc
import NIOCore
import NIOPosix
import Platform
import Publishing
import Synchronization
import TestSupport
import Testing

/// A publisher with real sockets. What it is told is written down, and carried out by nobody.
final class PublisherFixture: Sendable {
  let directory: TemporaryDirectory
  let socket: SocketServer
  let publisher: Publisher
  /// Of the control messages; 0 without them.
  let controlPort: Int
  private let log: Log

  /// A mark that is refused.
  static let refusedLabel = "refuse"

  private final class Log: Sendable {
    let commands = Mutex<[ControlCommand]>([])
    let remarks = Mutex<[PublishingRemark]>([])
  }

  /// Runs `body` with a publisher, and closes it.
  static func run(
    osc: [OSCDestination] = [], hasControl: Bool = false, socketOnLoss: LossPolicy = .hold, offset: Double = 0,
    lookUp: HostLookUp = .system, change: (inout Publisher.Settings) -> Void = { _ in },
    _ body: @Sendable (PublisherFixture) async throws -> Void
  ) async throws {
    var settings = Publisher.Settings(osc: osc, control: nil, socketOnLoss: socketOnLoss, offset: offset)
    change(&settings)
    let fixture = try await open(&settings, hasControl: hasControl, lookUp)
    do {
      try await body(fixture)
    } catch {
      await fixture.close()
      throw error
    }
    await fixture.close()
  }

  private static func open(
    _ settings: inout Publisher.Settings, hasControl: Bool, _ lookUp: HostLookUp
  ) async throws -> PublisherFixture {
    guard hasControl else { return try await PublisherFixture(settings, controlPort: 0, lookUp) }
    // Between finding a free port and taking it, somebody else may take it.
    for _ in 1..<10 {
      let port = try FreePort.find(SOCK_DGRAM)
      settings.control = HostEndpoint(host: "127.0.0.1", port: port)
      do {
        return try await PublisherFixture(settings, controlPort: port, lookUp)
      } catch let error as Failure where error.code == .unavailable {
        continue
      }
    }
    throw Failure(.unavailable, "no port is free")
  }

  private init(_ settings: Publisher.Settings, controlPort: Int, _ lookUp: HostLookUp) async throws {
    let (directory, log) = (try TemporaryDirectory(), Log())
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let onCommand: SocketServer.CommandHandler = { command in
      log.commands.withLock { $0.append(command) }
      if command == .mark(Self.refusedLabel) { return loop.makeFailedFuture(Failure(.unavailable, "not now")) }
      return loop.makeSucceededFuture(JSONLine())
    }
    let socket = try await SocketServer.listen(
      .path(directory.file("a.sock")), hello: #"{"type":"hello"}"#, on: loop, onCommand: onCommand)
    do {
      publisher = try await Publisher.open(settings, socket: socket, lookUp: lookUp, onCommand: onCommand) { remark in
        log.remarks.withLock { $0.append(remark) }
      }
    } catch {
      await socket.close()
      throw error
    }
    self.directory = directory
    self.socket = socket
    self.controlPort = controlPort
    self.log = log
  }

  private func close() async {
    await publisher.close()
    await socket.close()
  }

  var commands: [ControlCommand] { log.commands.withLock { $0 } }
  var remarks: [PublishingRemark] { log.remarks.withLock { $0 } }
  var problems: [String] { remarks.map(\.text) }

  /// Goes over to other settings, on the event loop.
  func use(_ settings: Publisher.Settings) async throws {
    try await socket.eventLoop.submit { [self] in try publisher.use(settings) }.get()
  }

  /// Does `body` on the event loop, after everything that was asked for before.
  @discardableResult
  func onLoop<Value: Sendable>(_ body: @escaping @Sendable (Publisher) -> Value) async throws -> Value {
    try await socket.eventLoop.submit { [self] in body(publisher) }.get()
  }

  /// The metrics of this moment.
  func metrics() async throws -> JSONValue {
    let text = try await onLoop { $0.metricsReport.object }
    return try #require(JSONValue(Array(text.utf8)))
  }

  /// What the state report says at the moment.
  func state() async throws -> JSONValue {
    let text = try await onLoop { $0.stateReport.object }
    return try #require(JSONValue(Array(text.utf8)))
  }

  /// A client of the socket that the server knows.
  func client() throws -> SocketClient {
    let client = try SocketClient(directory.file("a.sock"))
    #expect(try client.next()?["type"] as? String == "hello")
    return client
  }
}

extension OSCDestination {
  /// One that is told level and state, and by its range which of several it is.
  static func test(_ name: String, port: Int) -> OSCDestination {
    var destination = OSCDestination(name: name, endpoint: HostEndpoint(host: "127.0.0.1", port: port))
    destination.values = [.level, .active, .state]
    return destination
  }
}

extension PacketReceiver {
  /// The messages of the next packet.
  func nextMessages() throws -> [OSCMessage] {
    try OSCPacket(decoding: try #require(next())).messages
  }

  /// The number of the next tick: its level is its negative.
  func nextTick() throws -> Int {
    guard case .float(let level) = try nextMessages()["/affect/level"]?.first else { return 0 }
    return Int(-level)
  }
}

extension Publisher.Settings {
  /// Those destinations and nothing else.
  init(osc: [OSCDestination]) {
    self.init(osc: osc, control: nil, socketOnLoss: .hold, offset: 0)
  }
}
