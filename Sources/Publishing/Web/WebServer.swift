internal import Glibc
public import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket
internal import Platform

/// Serves the live page and its WebSocket, which speaks the lines of the Unix socket, one in each message.
public final class WebServer: Sendable {
  private let channel: any Channel
  private let clients: SubscriberGroup

  /// Connections at once.
  public static let clientLimit = 256
  /// Path of the WebSocket.
  static let socketPath = "/ws"
  /// A client that does not ask for anything does not hold its connection for ever.
  private static let patience = TimeAmount.seconds(10)

  /// - Parameters:
  ///   - address: in numbers, of this machine.
  ///   - hello: the first line for every client.
  ///   - access: decides who is served.
  ///   - onRemark: told of clients that cannot be served, on the event loop.
  /// - Throws: ``Failure`` if the port cannot be had.
  public static func listen(
    on address: String, port: Int, hello: String, access: WebAccess, on loop: any EventLoop,
    onRemark: @escaping @Sendable (PublishingRemark) -> Void = { _ in },
    onCommand: @escaping SocketServer.CommandHandler
  ) async throws -> WebServer {
    let clients = SubscriberGroup(
      "web page", hello: hello, limit: clientLimit, on: loop, allows: \.isForTheNetwork, onRemark: onRemark,
      onCommand: onCommand)
    let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBrake("web port \(port)", onRemark: onRemark))
        }
      }
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 * 1024, high: 32 * 1024))
      // Values are to come at once.
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try begin(channel, clients, access, onRemark) }
      }
    do {
      return WebServer(try await bootstrap.bind(host: address, port: port).get(), clients)
    } catch {
      throw Failure(
        .unavailable,
        "web page on \(address), port \(port): cannot listen: \(systemReason(error)): choose another web.host or web.port"
      )
    }
  }

  private init(_ channel: any Channel, _ clients: SubscriberGroup) {
    self.channel = channel
    self.clients = clients
  }

  /// HTTP first, and lines after an upgrade.
  private static func begin(
    _ channel: any Channel, _ clients: SubscriberGroup, _ access: WebAccess,
    _ onRemark: @escaping @Sendable (PublishingRemark) -> Void
  ) throws {
    try clients.admit(channel)
    let timeout = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    let page = WebPage(access: access, onRemark: onRemark)
    let responder = HTTPResponder { page.answer(to: $0, from: $1) }
    let boundResponder = NIOLoopBound(responder, eventLoop: channel.eventLoop)
    let upgrader = NIOWebSocketServerUpgrader(
      maxFrameSize: WebSocketLines.messageLimit,
      shouldUpgrade: { channel, head in
        // What is refused is answered by the page.
        let isWanted = head.path == socketPath && access.refusal(of: WebPage.request(head)) == nil
        return channel.eventLoop.makeSucceededFuture(isWanted ? HTTPHeaders() : nil)
      },
      upgradePipelineHandler: { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          timeout.cancel()
          try channel.pipeline.syncOperations.addHandlers(
            NIOWebSocketFrameAggregator(
              minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 16,
              maxAccumulatedFrameSize: WebSocketLines.messageLimit),
            WebSocketLines(), clients.makeSubscriber())
        }
      })
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 8 * 1024
    limits.maxHeaderListSize = 16 * 1024
    limits.maxHeaderFieldCount = 64
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      position: .last, withPipeliningAssistance: true,
      withServerUpgrade: (
        upgraders: [upgrader],
        completionHandler: { context in
          context.pipeline.syncOperations.removeHandler(boundResponder.value, promise: nil)
        }
      ), withErrorHandling: true, withOutboundHeaderValidation: true, withEncoderConfiguration: .init(),
      withDecoderLimitConfiguration: limits)
    try channel.pipeline.syncOperations.addHandler(responder)
  }

  // MARK: - On the event loop

  /// To be read on the event loop.
  var counters: SubscriberCounters { clients.counters }

  /// Sends the line of a tick to every client that wants it. To be called on the event loop; does not wait.
  package func publish(_ line: AffectLine) { clients.publish(line) }

  /// Sends a line about an event. To be called on the event loop; does not wait.
  package func publishEvent(_ json: String) { clients.publishEvent(json) }

  /// Ends: no new clients, and the others get what waits for them.
  public func close() async {
    try? await channel.close()
    guard let futures = try? await channel.eventLoop.submit({ [clients] in clients.finish() }).get() else { return }
    for future in futures { try? await future.get() }
  }
}

extension ControlCommand {
  /// Whether a client of the web page may ask for it: what one watches and what one does during a show. Settings, and
  /// calibrations, which change what is heard for good, are for the machine's own socket.
  fileprivate var isForTheNetwork: Bool {
    switch self {
    case .getState, .getStats, .pause, .resume, .freeze, .reset, .mark: true
    case .getConfig, .set, .calibrate, .endCalibration: false
    }
  }
}
