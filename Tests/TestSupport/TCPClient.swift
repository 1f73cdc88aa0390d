internal import Glibc

/// A client of a TCP port of this machine.
public final class TCPClient {
  private let descriptor: Int32

  /// - Parameter host: an IPv4 address.
  public init(host: String = "127.0.0.1", port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, host, &address.sin_addr)
    address.sin_port = UInt16(port).bigEndian
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw SocketClient.Failure(reason: String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }

  /// Sends `text`, and returns everything that comes until the other side closes.
  public func exchange(_ text: String) throws -> String {
    let bytes = Array(text.utf8)
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw SocketClient.Failure(reason: String(cString: strerror(errno)))
    }
    let lines = LineReader(descriptor: descriptor)
    var answer = ""
    while let line = try lines.next() { answer += line + "\n" }
    return answer
  }
}
