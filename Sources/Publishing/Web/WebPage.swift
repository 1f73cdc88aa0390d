internal import NIOHTTP1

/// What is answered to requests for the page, and to those for the WebSocket that were refused.
struct WebPage {
  let access: WebAccess
  let onRemark: (PublishingRemark) -> Void

  /// The page as it is in `page.html`.
  private static let html = PackageResources.page_html

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

  /// - Parameter sender: the address of who asks.
  func answer(to head: HTTPRequestHead, from sender: String) -> HTTPAnswer {
    var answer: HTTPAnswer
    if let refusal = access.refusal(of: Self.request(head)) {
      onRemark(.misuse("web page: \(refusal.remark) (from \(sender))"))
      answer = .text(refusal.status, refusal.text)
    } else if head.path == "/" {
      answer = HTTPAnswer(type: "text/html; charset=utf-8", body: Self.html)
    } else if head.path == WebServer.socketPath {
      answer = .text(.upgradeRequired, "This is a WebSocket: ws://HOST:PORT/ws")
    } else {
      answer = .text(.notFound, "The page is at /, the WebSocket at \(WebServer.socketPath).")
    }
    answer.headers = Self.headers
    return answer
  }

  private static let headers: HTTPHeaders = [
    "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    // Nothing from elsewhere, and not inside another page, whose clicks would be ours.
    "Content-Security-Policy":
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self' ws: wss:; "
      + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ]
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
