package import NIOCore

/// Whose control messages are heard: those of the machine itself, and those of networks that were named, else of the
/// networks that its interfaces are in. UDP senders can be forged; this bounds who can be meant by it.
package struct ControlPeers {
  private let allowed: [IPNetwork]?
  private let readInterfaces: () -> NetworkInterfaces
  private var interfaces = NetworkInterfaces()
  private var lastLook: Double?

  /// Interfaces come and go. Seconds after which they are looked at again for an address that is not known.
  static let validity = 1.0

  private static let loopback = [
    IPNetwork([127, 0, 0, 0], prefix: 8), IPNetwork([UInt8](repeating: 0, count: 15) + [1], prefix: 128),
  ]

  /// - Parameters:
  ///   - allowed: the networks that were named; nil for those of the interfaces.
  ///   - interfaces: those of the machine.
  package init(_ allowed: [IPNetwork]?, interfaces: @escaping () -> NetworkInterfaces = NetworkInterfaces.current) {
    self.allowed = allowed
    readInterfaces = interfaces
  }

  /// Whether messages from `address` are heard at the time `now`, seconds.
  package mutating func hears(_ address: SocketAddress, now: Double) -> Bool {
    guard let bytes = address.ipBytes else { return false }
    if Self.isLoopback(bytes) { return true }
    if let allowed { return allowed.contains { $0.contains(bytes) } }
    return find(now) { $0.networks.contains { $0.contains(bytes) } }
  }

  /// Whether `address` is one of this machine's.
  package mutating func isOwn(_ address: SocketAddress, now: Double) -> Bool {
    guard let bytes = address.ipBytes else { return false }
    return Self.isLoopback(bytes) || bytes.allSatisfy { $0 == 0 } || find(now) { $0.addresses.contains(bytes) }
  }

  private static func isLoopback(_ bytes: [UInt8]) -> Bool { loopback.contains { $0.contains(bytes) } }

  private mutating func find(_ now: Double, _ condition: (NetworkInterfaces) -> Bool) -> Bool {
    if condition(interfaces) { return true }
    if let lastLook, now - lastLook < Self.validity { return false }
    lastLook = now
    interfaces = readInterfaces()
    return condition(interfaces)
  }
}
