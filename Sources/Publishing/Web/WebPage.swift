internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// Answers requests for the page, and those for the WebSocket that were refused. One for each connection, which it closes
/// behind the answer.
final class WebPage: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let access: WebAccess
  private let onRemark: (PublishingRemark) -> Void
  private var head: HTTPRequestHead?

  /// The page as it is in `page.html`.
  static let html = PackageResources.page_html

  init(access: WebAccess, onRemark: @escaping (PublishingRemark) -> Void) {
    self.access = access
    self.onRemark = onRemark
  }

  static func path(of head: HTTPRequestHead) -> String {
    String(head.uri.prefix { $0 != "?" })
  }

  /// What of a request decides whether it is served.
  static func request(_ head: HTTPRequestHead) -> WebAccess.Request {
    let query = head.uri.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    let token = query.split(separator: "&").first { $0.hasPrefix("token=") }
    // Two names would be two opinions.
    let hosts = head.headers["Host"]
    return WebAccess.Request(
      host: hosts.count == 1 ? hosts[0] : nil, origin: head.headers.first(name: "Origin"),
      token: token.map { String($0.dropFirst("token=".count)) })
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
    let path = Self.path(of: head)
    if let refusal = access.refusal(of: Self.request(head)) {
      onRemark(.misuse("web page: \(refusal.remark) (from \(context.remoteAddress?.ipAddress ?? "?"))"))
      send(refusal.status, "text/plain; charset=utf-8", Array((refusal.text + "\n").utf8), to: head, context)
    } else if head.method != .GET && head.method != .HEAD {
      send(.methodNotAllowed, "text/plain; charset=utf-8", Array("Only GET.\n".utf8), to: head, context)
    } else if path == "/" {
      send(.ok, "text/html; charset=utf-8", Self.html, to: head, context)
    } else if path == WebServer.socketPath {
      send(
        .upgradeRequired, "text/plain; charset=utf-8", Array("This is a WebSocket: ws://HOST:PORT/ws\n".utf8), to: head,
        context)
    } else {
      let text = "The page is at /, the WebSocket at \(WebServer.socketPath).\n"
      send(.notFound, "text/plain; charset=utf-8", Array(text.utf8), to: head, context)
    }
  }

  private func send(
    _ status: HTTPResponseStatus, _ type: String, _ body: [UInt8], to head: HTTPRequestHead,
    _ context: ChannelHandlerContext
  ) {
    let headers: HTTPHeaders = [
      "Content-Type": type, "Content-Length": "\(body.count)", "Connection": "close", "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
      // Nothing from elsewhere, and not inside another page, whose clicks would be ours.
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self' ws: wss:; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ]
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))), promise: nil)
    if head.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
    }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // An upgrade that is refused is an error to NIO, and a request to this page.
    guard !(error is NIOWebSocketUpgradeError) else { return }
    context.close(promise: nil)
  }
}

extension WebAccess.Refusal {
  fileprivate var status: HTTPResponseStatus {
    switch self {
    case .wrongHost: .misdirectedRequest
    case .needsToken: .unauthorized
    case .foreignOrigin: .forbidden
    }
  }

  /// For the one who asks.
  fileprivate var text: String {
    switch self {
    case .wrongHost:
      "This name is not one of affectd's machine: use its address, its host name or localhost."
    case .needsToken:
      "This page needs affectd's token: open /?token=TOKEN. affectd logs the whole address when it starts."
    case .foreignOrigin:
      "A page of another origin needs affectd's token: connect to /ws?token=TOKEN."
    }
  }

  /// For the log.
  fileprivate var remark: String {
    switch self {
    case .wrongHost: "a request for a name that is not this machine's was refused"
    case .needsToken: "a request without the token, or with another one, was refused"
    case .foreignOrigin: "a page of another origin was refused: it needs the token"
    }
  }
}
