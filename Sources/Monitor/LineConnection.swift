internal import Glibc
internal import Platform
package import Publishing

/// A connection to affectd's socket that does not wait.
package final class LineConnection {
  package let descriptor: Int32
  private var buffer: [UInt8] = []

  /// - Throws: the error number of the system.
  package init(path: String) throws(ErrorNumber) {
    descriptor = try UnixSocket.connect(to: path)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// The lines that have come, without their line feeds; nil when the connection is closed.
  package func receive() -> [[UInt8]]? {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(descriptor, &bytes, bytes.count)
    if count < 0 { return errno == EAGAIN || errno == EINTR ? [] : nil }
    guard count > 0 else { return nil }
    buffer += bytes[..<count]
    var lines: [[UInt8]] = []
    var start = 0
    while let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(Array(buffer[start..<end]))
      start = end + 1
    }
    buffer.removeFirst(start)
    return buffer.count <= RecordingReader.lineLimit ? lines : nil
  }

  /// Sends a request. Whoever does not take it is gone, which the next ``receive()`` tells.
  ///
  /// - Parameter id: comes back with the reply.
  package func send(_ method: String, id: String, _ parameters: JSONLine? = nil) {
    var request = JSONLine()
    request.add("jsonrpc", "2.0")
    request.add("id", id)
    request.add("method", method)
    if let parameters { request.add("params", parameters) }
    let bytes = Array((request.object + "\n").utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
