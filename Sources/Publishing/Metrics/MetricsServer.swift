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
          try channel.pipeline.syncOperations.addHandler(HTTPResponder { head, _ in answer(head, text) })
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

  private static func answer(_ head: HTTPRequestHead, _ text: () -> String) -> HTTPAnswer {
    guard head.path == "/metrics" else { return .text(.notFound, "The metrics are at /metrics.") }
    return HTTPAnswer(type: "text/plain; version=0.0.4; charset=utf-8", body: Array(text().utf8))
  }
}
