internal import NIOCore
internal import NIOHTTP1

/// Sends one request with a body of JSON, and looks at nothing of the answer but its status.
final class HTTPPost: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let path: String
  private let host: String
  private let body: String
  private let answer: EventLoopPromise<Void>
  private var isAnswered = false
  private var limit: Scheduled<Void>?

  /// After which a receiver that does not answer is given up.
  static let patience = TimeAmount.seconds(3)

  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameter answer: told that the request was accepted, or why not.
  init(path: String, host: String, body: String, _ answer: EventLoopPromise<Void>) {
    self.path = path
    self.host = host
    self.body = body
    self.answer = answer
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    limit = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { [self] in
      end(.failure(Problem(description: "it does not answer")), channel)
    }
    let headers: HTTPHeaders = [
      "Host": host, "Content-Type": "application/json", "Content-Length": "\(body.utf8.count)", "Connection": "close",
    ]
    context.write(
      wrapOutboundOut(.head(HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers))),
      promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    let isAccepted = (200..<300).contains(head.status.code)
    end(isAccepted ? .success(()) : .failure(Problem(description: "it answers \(head.status.code)")), context.channel)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(.failure(Problem(description: "it closed the connection without an answer")), context.channel)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let isForeign = error is HTTPParserError
    end(.failure(isForeign ? Problem(description: "its answer is no HTTP") : error), context.channel)
  }

  private func end(_ result: Result<Void, any Error>, _ channel: any Channel) {
    guard !isAnswered else { return }
    isAnswered = true
    limit?.cancel()
    answer.completeWith(result)
    channel.close(promise: nil)
  }
}
