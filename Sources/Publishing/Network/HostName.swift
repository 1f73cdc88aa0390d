internal import Glibc
internal import NIOCore

/// What may stand for a host: a name, or an address.
public enum HostName {
  /// Whether `text` can be the name or address of a host. Whether there is one of that name is another question.
  ///
  /// A name has parts of 1 to 63 letters, digits, `-` and `_`, with dots between them, and at most 253 bytes (RFC 1035,
  /// section 2.3.4). The last part of a name is no number: what ends in one is an IPv4 address of four parts, or
  /// mistyped. An IPv6 address has no brackets, and may end in `%` and an interface.
  public static func isValid(_ text: String) -> Bool {
    if text.utf8.contains(UInt8(ascii: ":")) { return isVersion6(text) }
    var parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    // "desk.example." is the whole name, without the domains that are tried after it.
    if parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
    guard text.utf8.count <= 253, parts.allSatisfy({ (1...63).contains($0.count) && $0.allSatisfy(isInName) }) else {
      return false
    }
    let endsInNumber = parts.last?.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
    return !endsInNumber || isVersion4(text)
  }

  /// The name of this machine.
  public static var own: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The address that `host` is: itself in numbers, or `localhost` for 127.0.0.1. Nil if it is a name.
  static func address(_ host: String, port: Int) -> SocketAddress? {
    let numeric = host == "localhost" ? "127.0.0.1" : host
    guard isVersion4(numeric) || isVersion6(numeric) else { return nil }
    return try? SocketAddress(numeric, port)
  }

  /// Whether `text` is an address, or `localhost`.
  public static func isAddress(_ text: String) -> Bool { text == "localhost" || isVersion4(text) || isVersion6(text) }

  private static func isInName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  package static func isVersion4(_ text: String) -> Bool {
    var address = [UInt8](repeating: 0, count: 4)
    return inet_pton(AF_INET, text, &address) == 1
  }

  private static func isVersion6(_ text: String) -> Bool {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    var address = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, String(parts[0]), &address) == 1 else { return false }
    guard parts.count == 2 else { return true }
    return !parts[1].isEmpty && parts[1].utf8.allSatisfy { (0x21...0x7E).contains($0) && !"%/[]\"".utf8.contains($0) }
  }
}

extension SocketAddress {
  /// The first address that the system's resolver has for `host` (getaddrinfo(3)). For names this may take long.
  ///
  /// - Throws: ``LookUpFailure``.
  init(_ host: String, _ port: Int) throws(LookUpFailure) {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, "\(port)", &hints, &list)
    guard result == 0, let list, let pointer = list.pointee.ai_addr else {
      throw LookUpFailure(description: String(cString: gai_strerror(result)))
    }
    defer { freeaddrinfo(list) }
    switch list.pointee.ai_family {
    case AF_INET: self.init(UnsafeRawPointer(pointer).load(as: sockaddr_in.self))
    case AF_INET6: self.init(UnsafeRawPointer(pointer).load(as: sockaddr_in6.self))
    default: throw LookUpFailure(description: "it has an address of an unknown kind")
    }
  }
}

/// Why a host has no address, in the words of the system.
struct LookUpFailure: Error, CustomStringConvertible {
  let description: String
}
