internal import Affect
public import NIOCore
internal import NIOPosix
internal import Platform

/// Publishes lines to any number of clients of a Unix socket, and takes their requests.
public final class SocketServer: Sendable {
  /// Where the socket comes from.
  public enum Address: Sendable, Equatable {
    /// A path to bind. The socket is removed at the end.
    case path(String)
    /// A descriptor that listens already (systemd's socket activation). Its socket stays.
    case descriptor(Int32)
  }

  /// Carries out what a client asks for. Called on the event loop.
  public typealias CommandHandler = @Sendable (ControlCommand) -> EventLoopFuture<JSONLine>

  /// Nil for a socket that stays.
  private let path: SocketPath?
  private let channel: any Channel
  private let state: NIOLoopBoundBox<State>

  private struct State {
    var active: [ObjectIdentifier: Subscriber] = [:]
    /// Connections that were taken and are not closed yet.
    var acceptedCount = 0
    var counters = Counters()
    var isClosing = false
  }

  /// What happened to the clients.
  public struct Counters: Sendable, Equatable {
    public var clients = 0
    /// Lines that clients did not read in time.
    public var droppedLines = 0
    /// Clients that were turned away because there were too many.
    public var refusedClients = 0
    public var malformedRequests = 0
  }

  /// Lines that wait for a client at most: half a minute at the usual hop.
  public static let queueLimit = 64

  /// Listens. Of a path, a socket that a dead daemon left behind is replaced; the directory is made if it is missing.
  ///
  /// - Parameters:
  ///   - hello: the first line for every client.
  ///   - clientLimit: clients that are served at once; more are turned away.
  ///   - loop: serves all clients.
  ///   - onRemark: told of clients that cannot be served, on the event loop.
  /// - Throws: ``Failure`` if the path cannot be used.
  public static func listen(
    _ address: Address, hello: String, clientLimit: Int = 2048, on loop: any EventLoop,
    onRemark: @escaping @Sendable (PublishingRemark) -> Void = { _ in }, onCommand: @escaping CommandHandler
  ) async throws -> SocketServer {
    let state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: loop)
    let helloBuffer = ByteBuffer(string: hello + "\n")
    let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBrake("socket", onRemark: onRemark))
        }
      }
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
      // A client that has nothing to say, as in `nc -U PATH < /dev/null`, goes on listening.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard state.value.acceptedCount < clientLimit, !state.value.isClosing else {
            state.value.counters.refusedClients += 1
            onRemark(.misuse("socket: a client was turned away, since there are \(clientLimit) already"))
            throw ChannelError.connectTimeout(.zero)  // any error turns the client away
          }
          // Counted here: many can be accepted before the first of them is active.
          state.value.acceptedCount += 1
          channel.closeFuture.assumeIsolated().whenComplete { _ in state.value.acceptedCount -= 1 }
          let owner = Subscriber.Owner(
            onActive: { state.value.active[ObjectIdentifier($0)] = $0 },
            onInactive: {
              state.value.active[ObjectIdentifier($0)] = nil
              state.value.counters.droppedLines += $0.droppedCount
            },
            onCommand: onCommand,
            onMalformedRequest: { state.value.counters.malformedRequests += 1 })
          try channel.pipeline.syncOperations.addHandler(Subscriber(hello: helloBuffer, owner: owner))
        }
      }
    let (descriptor, path): (Int32, SocketPath?) =
      switch address {
      case .path(let path): try SocketPath.listen(path)
      case .descriptor(let descriptor): (descriptor, nil)
      }
    do {
      return SocketServer(path, channel: try await bootstrap.withBoundSocket(descriptor).get(), state: state)
    } catch {
      path?.remove()
      let name = path.map { "socket \($0.path)" } ?? "the socket that was handed over"
      throw Failure(.unavailable, "\(name): cannot be used: \(systemReason(error))")
    }
  }

  private init(_ path: SocketPath?, channel: any Channel, state: NIOLoopBoundBox<State>) {
    self.path = path
    self.channel = channel
    self.state = state
  }

  public var eventLoop: any EventLoop { channel.eventLoop }

  /// To be read on the event loop.
  public var counters: Counters {
    var counters = state.value.counters
    counters.clients = state.value.active.count
    for subscriber in state.value.active.values { counters.droppedLines += subscriber.droppedCount }
    return counters
  }

  /// Sends the line of a tick to every client that wants it. To be called on the event loop; does not wait.
  public func publish(_ line: AffectLine) {
    // Clients that want the same share a buffer.
    var buffers: [Set<AffectLine.Field>?: ByteBuffer] = [:]
    for subscriber in state.value.active.values {
      subscriber.send(line.estimate) { fields in
        if let buffer = buffers[fields] { return buffer }
        let buffer = ByteBuffer(string: line.json(fields) + "\n")
        buffers[fields] = buffer
        return buffer
      }
    }
  }

  /// Sends a line about an event, such as a mark. To be called on the event loop; does not wait.
  public func publishEvent(_ json: String) {
    let buffer = ByteBuffer(string: json + "\n")
    for subscriber in state.value.active.values { subscriber.sendEvent(buffer) }
  }

  /// Ends: no new clients, the others get what waits for them, and the socket is removed if it is ours.
  public func close() async {
    path?.remove()
    try? await channel.close()
    let closed = channel.eventLoop.submit { [self] in
      state.value.isClosing = true
      let active = state.value.active.values
      return active.compactMap { subscriber -> EventLoopFuture<Void>? in
        let future = subscriber.closeFuture
        subscriber.finish()
        return future
      }
    }
    guard let futures = try? await closed.get() else { return }
    for future in futures { try? await future.get() }
  }
}
