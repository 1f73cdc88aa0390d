/// A host and a port, as a user writes them: `HOST:PORT`, an IPv6 address in brackets.
public struct HostEndpoint: Sendable, Equatable, CustomStringConvertible {
  public let host: String
  public let port: Int

  /// - Parameters:
  ///   - host: name or address, an IPv6 address without brackets; not empty.
  ///   - port: 1 to 65535.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Nil if `text` is not a host (``HostName/isValid(_:)``), a colon and a port from 1 to 65535.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (1...65535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard HostName.isValid(String(host)) else { return nil }
    self.init(host: String(host), port: port)
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
