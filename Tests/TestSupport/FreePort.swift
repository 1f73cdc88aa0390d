public import Glibc
internal import Synchronization

/// Ports of the loopback interface for programs that want to be told one.
public enum FreePort {
  /// Below the ports that the system gives to whoever asks for any (`ip_local_port_range` begins at 32768), so that no
  /// test that runs beside this one gets the port before it is used.
  private static let range = 20_000..<30_000
  private static let next = Atomic<Int>(Int(getpid()) % 9_000)

  public struct NoneLeft: Error {}

  /// A port that nobody listens on and that no other call of this process returns.
  ///
  /// - Parameter type: `SOCK_DGRAM` or `SOCK_STREAM`.
  public static func find(_ type: __socket_type) throws -> Int {
    for _ in 0..<1000 {
      let offset = next.add(1, ordering: .relaxed).oldValue % range.count
      let port = range.lowerBound + offset
      if isFree(port, type) { return port }
    }
    throw NoneLeft()
  }

  private static func isFree(_ port: Int, _ type: __socket_type) -> Bool {
    let descriptor = socket(AF_INET, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
