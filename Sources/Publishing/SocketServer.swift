internal import Glibc
public import NIOCore
internal import NIOPosix

/// Publishes lines to any number of clients of a Unix socket.
public final class SocketServer: Sendable {
  public let path: String

  private let channel: any Channel
  private let subscribers: NIOLoopBoundBox<Subscribers>

  private struct Subscribers {
    var active: [ObjectIdentifier: Subscriber] = [:]
    var droppedCount = 0
    var isClosing = false
  }

  /// Clients that are served at once; more are turned away.
  public static let clientLimit = 4096

  /// Lines that wait for a client at most: half a minute at the usual hop.
  public static let queueLimit = 64

  /// Listens on `path`. A socket that a dead daemon left behind is replaced; the directory is made if it is missing.
  ///
  /// - Parameters:
  ///   - hello: the first line for every client.
  ///   - group: one event loop serves all clients.
  /// - Throws: ``PublishingError`` if the path cannot be used.
  public static func listen(path: String, hello: String, on group: any EventLoopGroup) async throws -> SocketServer {
    try SocketPath.claim(path)
    let loop = group.next()
    let subscribers = NIOLoopBoundBox.makeBoxSendingValue(Subscribers(), eventLoop: loop)
    let helloBuffer = ByteBuffer(string: hello + "\n")
    let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
      // A client that has nothing to say, as in `nc -U PATH < /dev/null`, goes on listening.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard subscribers.value.active.count < clientLimit, !subscribers.value.isClosing else {
            throw ChannelError.connectTimeout(.zero)  // any error turns the client away
          }
          let subscriber = Subscriber(
            hello: helloBuffer,
            onActive: { subscribers.value.active[ObjectIdentifier($0)] = $0 },
            onInactive: {
              subscribers.value.active[ObjectIdentifier($0)] = nil
              subscribers.value.droppedCount += $0.droppedCount
            })
          try channel.pipeline.syncOperations.addHandler(subscriber)
        }
      }
    do {
      let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
      // The owner and the group may listen: lighting programs run as other users.
      chmod(path, 0o660)
      return SocketServer(path: path, channel: channel, subscribers: subscribers)
    } catch {
      throw PublishingError(.unusableSocket, "socket \(path): cannot listen: \(error)")
    }
  }

  private init(path: String, channel: any Channel, subscribers: NIOLoopBoundBox<Subscribers>) {
    self.path = path
    self.channel = channel
    self.subscribers = subscribers
  }

  /// Sends `line`, which ends with a line feed, to every client. May be called from any thread; does not wait.
  public func publish(_ line: ByteBuffer) {
    channel.eventLoop.execute { [self] in
      for subscriber in subscribers.value.active.values { subscriber.send(line) }
    }
  }

  /// Ends: no new clients, the others get what waits for them, and the socket is removed.
  public func close() async {
    unlink(path)
    try? await channel.close()
    let closed = channel.eventLoop.submit { [self] in
      subscribers.value.isClosing = true
      let active = subscribers.value.active.values
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
