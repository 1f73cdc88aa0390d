internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// What is answered to a request.
struct HTTPAnswer {
  var status = HTTPResponseStatus.ok
  let type: String
  let body: [UInt8]
  /// Beside type, length and the end of the connection.
  var headers: HTTPHeaders = [:]

  /// A sentence, with a line feed.
  static func text(_ status: HTTPResponseStatus, _ text: String) -> HTTPAnswer {
    HTTPAnswer(status: status, type: "text/plain; charset=utf-8", body: Array((text + "\n").utf8))
  }
}

/// Answers one request, and closes the connection.
final class HTTPResponder: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answer: (HTTPRequestHead, _ sender: String) -> HTTPAnswer
  private var head: HTTPRequestHead?

  /// - Parameter answer: called on the event loop, with the address of who asks. Requests that are neither GET nor HEAD are
  ///   answered without it.
  init(answer: @escaping (HTTPRequestHead, _ sender: String) -> HTTPAnswer) {
    self.answer = answer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end: respond(context)
    }
  }

  private func respond(_ context: ChannelHandlerContext) {
    guard let head else { return }
    let isRead = head.method == .GET || head.method == .HEAD
    let answer =
      isRead
      ? answer(head, context.remoteAddress?.ipAddress ?? "?") : .text(.methodNotAllowed, "Only GET.")
    var headers = answer.headers
    headers.add(name: "Content-Type", value: answer.type)
    headers.add(name: "Content-Length", value: "\(answer.body.count)")
    headers.add(name: "Connection", value: "close")
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: answer.status, headers: headers))),
      promise: nil)
    if head.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
    }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // An upgrade that is refused is an error to NIO, and a request to be answered.
    guard !(error is NIOWebSocketUpgradeError) else { return }
    context.close(promise: nil)
  }
}

extension HTTPRequestHead {
  /// What is asked for, without the query.
  var path: String { String(uri.prefix { $0 != "?" }) }
}
