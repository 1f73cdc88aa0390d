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
  private let clients: SubscriberGroup

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
    let clients = SubscriberGroup(
      "socket", hello: hello, limit: clientLimit, on: loop, onRemark: onRemark, onCommand: onCommand)
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
          try clients.admit(channel)
          try channel.pipeline.syncOperations.addHandler(clients.makeSubscriber())
        }
      }
    let (descriptor, path): (Int32, SocketPath?) =
      switch address {
      case .path(let path): try SocketPath.listen(path)
      case .descriptor(let descriptor): (descriptor, nil)
      }
    do {
      return SocketServer(path, channel: try await bootstrap.withBoundSocket(descriptor).get(), clients: clients)
    } catch {
      path?.remove()
      let name = path.map { "socket \($0.path)" } ?? "the socket that was handed over"
      throw Failure(.unavailable, "\(name): cannot be used: \(systemReason(error))")
    }
  }

  private init(_ path: SocketPath?, channel: any Channel, clients: SubscriberGroup) {
    self.path = path
    self.channel = channel
    self.clients = clients
  }

  public var eventLoop: any EventLoop { channel.eventLoop }

  /// To be read on the event loop.
  public var counters: SubscriberCounters { clients.counters }

  /// Sends the line of a tick to every client that wants it. To be called on the event loop; does not wait.
  public func publish(_ line: AffectLine) { clients.publish(line) }

  /// Sends a line about an event, such as a mark. To be called on the event loop; does not wait.
  public func publishEvent(_ json: String) { clients.publishEvent(json) }

  /// Ends: no new clients, the others get what waits for them, and the socket is removed if it is ours.
  public func close() async {
    path?.remove()
    try? await channel.close()
    guard let futures = try? await channel.eventLoop.submit({ [clients] in clients.finish() }).get() else { return }
    for future in futures { try? await future.get() }
  }
}
