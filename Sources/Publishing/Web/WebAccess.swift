/// Who may have the web page and its socket.
///
/// A page of another site that a browser shows can connect to any address, this machine's own too (cross-site WebSocket
/// hijacking), and a name that its owner makes point here looks to the browser like one site with it (DNS rebinding). So
/// the name that was asked for must be one of this machine's, and a page of another origin needs the token.
public struct WebAccess: Sendable, Equatable {
  /// What is asked for: the parts of the request that decide.
  public struct Request: Sendable, Equatable {
    /// The header `Host`, with its port.
    public var host: String?
    /// The header `Origin`, which browsers send with a WebSocket and others need not.
    public var origin: String?
    /// `token` of the query.
    public var token: String?

    public init(host: String?, origin: String? = nil, token: String? = nil) {
      self.host = host
      self.origin = origin
      self.token = token
    }
  }

  public enum Refusal: Sendable, Equatable {
    /// The name is not this machine's.
    case wrongHost
    /// A token is needed, or another one.
    case needsToken
    /// It comes from a page of another site, which would need the token.
    case foreignOrigin
  }

  private let token: String
  private let needsToken: Bool
  /// Names of this machine in small letters.
  private let names: Set<String>

  /// - Parameters:
  ///   - listening: the address that the server listens on, in numbers.
  ///   - hostName: this machine's name.
  public init(listeningOn address: String, token: String, hostName: String) {
    self.token = token
    needsToken = !Self.isLoopback(address)
    let name = hostName.lowercased()
    names = name.isEmpty ? ["localhost"] : ["localhost", name, "\(name).local"]
  }

  /// Whether only this machine can connect to `address`, which is in numbers, or `localhost`.
  public static func isLoopback(_ address: String) -> Bool {
    address.lowercased() == "localhost" || address == "::1" || address.hasPrefix("127.")
      || address.lowercased().hasPrefix("::ffff:127.")
  }

  /// Why `request` is refused; nil if it is not.
  public func refusal(of request: Request) -> Refusal? {
    guard let host = request.host, isOwn(host) else { return .wrongHost }
    if request.token.map(isToken) == true { return nil }
    guard !needsToken else { return .needsToken }
    guard let origin = request.origin else { return nil }
    // Behind a proxy the page may have come over TLS.
    let isSame = ["http://", "https://"].contains { origin.lowercased() == $0 + host.lowercased() }
    return isSame ? nil : .foreignOrigin
  }

  /// Whether the header names this machine: by a name of its own, or by an address, which nobody can make point elsewhere.
  private func isOwn(_ host: String) -> Bool {
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]") else { return false }
      return HostName.isAddress(String(host[host.index(after: host.startIndex)..<end]))
    }
    let name = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)[0].lowercased()
    return names.contains(name) || HostName.isAddress(name)
  }

  /// Compares in a time that does not depend on where the two differ.
  private func isToken(_ text: String) -> Bool {
    let (own, other) = (Array(token.utf8), Array(text.utf8))
    guard own.count == other.count, !own.isEmpty else { return false }
    return zip(own, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
