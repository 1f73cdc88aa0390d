public import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Platform

/// Gives the metrics to Prometheus: `GET /metrics` over HTTP, on the loopback interface only.
public final class MetricsServer: Sendable {
  private let channel: any Channel

  /// - Parameters:
  ///   - onRemark: told when nobody can be served.
  ///   - text: gives the page; called on the event loop.
  /// - Throws: ``Failure`` if the port cannot be had.
  public static func listen(
    port: Int, on loop: any EventLoop, onRemark: @escaping @Sendable (PublishingRemark) -> Void = { _ in },
    text: @escaping @Sendable () -> String
  ) async throws -> MetricsServer {
    let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBrake("metrics port \(port)", onRemark: onRemark))
        }
      }
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(Page(text: text))
          // A client that asks for nothing does not hold its connection for ever.
          channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
        }
      }
    do {
      return MetricsServer(try await bootstrap.bind(host: "127.0.0.1", port: port).get())
    } catch {
      throw Failure(
        .unavailable, "metrics port \(port): cannot listen: \(systemReason(error)): choose another metrics.port")
    }
  }

  private init(_ channel: any Channel) {
    self.channel = channel
  }

  public func close() async { try? await channel.close() }

  /// Answers one request, and closes.
  private final class Page: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let text: () -> String
    private var head: HTTPRequestHead?

    init(text: @escaping () -> String) {
      self.text = text
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): self.head = head
      case .body: break
      case .end: answer(context)
      }
    }

    private func answer(_ context: ChannelHandlerContext) {
      guard let head else { return }
      let path = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first
      let status: HTTPResponseStatus
      let body: String
      if head.method != .GET && head.method != .HEAD {
        (status, body) = (.methodNotAllowed, "Only GET.\n")
      } else if path != "/metrics" {
        (status, body) = (.notFound, "The metrics are at /metrics.\n")
      } else {
        (status, body) = (.ok, text())
      }
      var headers = HTTPHeaders()
      headers.add(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
      headers.add(name: "Content-Length", value: "\(body.utf8.count)")
      headers.add(name: "Connection", value: "close")
      context.write(
        wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))), promise: nil)
      if head.method != .HEAD {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
      }
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
