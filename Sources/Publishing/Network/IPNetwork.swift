internal import Glibc
package import NIOCore

/// A network of IPv4 or IPv6, as in 192.168.1.0/24 (RFC 4632, section 3.1; RFC 4291, section 2.3), or one address.
public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
  /// Four or sixteen.
  let bytes: [UInt8]
  /// Bits that an address of the network shares with it.
  let prefix: Int

  /// Nil if `text` is not an address, with `/` and a number of bits or without.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let bytes = Self.bytes(String(parts[0])) else { return nil }
    var prefix = bytes.count * 8
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let bits = Int(parts[1]), bits <= prefix
      else { return nil }
      prefix = bits
    }
    self.init(bytes, prefix: prefix)
  }

  /// The network of the first `prefix` bits of an address.
  package init(_ bytes: [UInt8], prefix: Int) {
    self.bytes = bytes.indices.map { bytes[$0] & Self.mask($0, prefix) }
    self.prefix = prefix
  }

  /// Whether the address belongs to the network.
  package func contains(_ address: [UInt8]) -> Bool {
    address.count == bytes.count && address.indices.allSatisfy { address[$0] & Self.mask($0, prefix) == bytes[$0] }
  }

  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
    let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return prefix == bytes.count * 8 ? address : "\(address)/\(prefix)"
  }

  private static func mask(_ index: Int, _ prefix: Int) -> UInt8 {
    let bits = min(8, max(0, prefix - index * 8))
    return UInt8(truncatingIfNeeded: 0xFF00 >> bits)
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 { return bytes }
    }
    return nil
  }
}

extension SocketAddress {
  /// The bytes of the IP address, 4 or 16; an IPv4 address that came through an IPv6 socket has 4. Nil for other kinds.
  package var ipBytes: [UInt8]? { withSockAddr { pointer, _ in Self.ipBytes(pointer) } }

  static func ipBytes(_ pointer: UnsafePointer<sockaddr>) -> [UInt8]? {
    switch Int32(pointer.pointee.sa_family) {
    case AF_INET: return bytes(pointer, 4)
    case AF_INET6:
      let bytes = bytes(pointer, 16)
      // ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2).
      let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
      return isMapped ? Array(bytes[12...]) : bytes
    default: return nil
    }
  }

  /// The address within `sockaddr_in` or `sockaddr_in6`: after the family and the port, in IPv6 also after the flow
  /// information (ip(7), ipv6(7)).
  static func bytes(_ pointer: UnsafePointer<sockaddr>, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(pointer) + (count == 4 ? 4 : 8), count: count))
  }
}

/// The addresses and networks of this machine's interfaces.
package struct NetworkInterfaces: Sendable {
  package var addresses: Set<[UInt8]> = []
  package var networks: Set<IPNetwork> = []

  /// As they are now (getifaddrs(3)).
  package init() {}

  package static func current() -> NetworkInterfaces {
    var interfaces = NetworkInterfaces()
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return interfaces }
    defer { freeifaddrs(first) }
    var next = first
    while let interface = next?.pointee {
      next = interface.ifa_next
      guard let pointer = interface.ifa_addr, let address = SocketAddress.ipBytes(pointer) else { continue }
      interfaces.addresses.insert(address)
      // Its netmask has the family of the address, or none.
      let mask = interface.ifa_netmask.map { prefix($0, count: address.count) } ?? address.count * 8
      if mask > 0 { interfaces.networks.insert(IPNetwork(address, prefix: mask)) }
      // The other end of a tunnel.
      if interface.ifa_flags & UInt32(IFF_POINTOPOINT) != 0, let other = interface.ifa_ifu.ifu_dstaddr,
        let end = SocketAddress.ipBytes(other)
      {
        interfaces.networks.insert(IPNetwork(end, prefix: end.count * 8))
      }
    }
    return interfaces
  }

  private static func prefix(_ mask: UnsafeMutablePointer<sockaddr>, count: Int) -> Int {
    SocketAddress.bytes(mask, count).reduce(0) { $0 + $1.nonzeroBitCount }
  }
}
