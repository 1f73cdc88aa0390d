import Affect
import ArgumentParser
import CommandLineSupport
import Glibc
import Platform
import Publishing

/// A connection to a running affectd.
final class ControlClient {
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var searched = 0

  /// - Parameter path: the socket; nil for the usual places.
  /// - Throws: ``Failure`` if nobody answers.
  init(path: String?) throws {
    self.path = try path ?? SocketLocation.forClient()
    do {
      descriptor = try UnixSocket.connect(to: self.path)
    } catch {
      throw Failure(.unavailable, "socket \(self.path): no affectd answers there: \(error)")
    }
  }

  deinit { close(descriptor) }

  /// The next line without its line feed; nil when affectd has closed the connection.
  ///
  /// - Parameter deadline: of the clock; nil to wait as long as it takes.
  /// - Throws: ``Failure`` at the deadline.
  func nextLine(before deadline: Double? = nil) throws(Failure) -> [UInt8]? {
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(buffer[..<end])
        buffer.removeFirst(end + 1)
        searched = 0
        return line
      }
      searched = buffer.count
      if let deadline { try wait(before: deadline) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &bytes, bytes.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return nil }
      buffer += bytes[..<count]
    }
  }

  /// Hands over every line until affectd closes the connection, or `body` returns false. The first has to come soon.
  ///
  /// - Throws: ``Failure`` if nothing comes at all, and what `body` throws.
  func forEachLine(_ body: ([UInt8]) throws -> Bool) throws {
    var next = try nextLine(before: SystemClock().now + Self.patience)
    while let line = next, try body(line) { next = try nextLine() }
  }

  private func wait(before deadline: Double) throws(Failure) {
    let rest = deadline - SystemClock().now
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard rest > 0, poll(&request, 1, Int32(rest * 1000) + 1) != 0 else {
      throw Failure(
        .unavailable, "socket \(path): affectd does not answer: it hangs, or was stopped with SIGSTOP or Ctrl-Z")
    }
  }

  /// Seconds that affectd may take for a reply.
  static let patience = 10.0

  /// Sends a request and waits for its reply. Lines that come in between are lost.
  ///
  /// - Parameters:
  ///   - seconds: what carrying it out takes by itself.
  ///   - onLine: called for each other line that comes meanwhile.
  /// - Returns: the line of the reply, and its result.
  /// - Throws: ``Failure`` with what affectd says.
  @discardableResult
  func call(_ method: String, _ parameters: JSONLine? = nil, taking seconds: Double = 0, onLine: () -> Void = {}) throws
    -> JSONValue
  {
    let deadline = SystemClock().now + seconds + Self.patience
    var request = JSONLine()
    request.add("jsonrpc", "2.0")
    request.add("id", 1)
    request.add("method", method)
    if let parameters { request.add("params", parameters) }
    guard Console.write(Array((request.object + "\n").utf8)[...], to: descriptor) else {
      throw Failure(.unavailable, "socket \(path): affectd is gone")
    }
    while let line = try nextLine(before: deadline) {
      guard let reply = JSONValue(line), reply["jsonrpc"] != nil else {
        onLine()
        continue
      }
      if let message = reply["error"]?["message"]?.string { throw Failure(.unavailable, message) }
      guard let result = reply["result"] else {
        throw Failure(.software, "affectd sent a reply without a result")
      }
      return result
    }
    throw Failure(.unavailable, "socket \(path): affectd ended before it replied")
  }
}

/// The option that says where affectd is.
struct SocketOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "affectd's socket. (default: $AFFECTD_SOCKET, then the user's, then the system's)", valueName: "path"),
    completion: .file())
  var socket: String?

  /// Runs `body` with a connection. A failure becomes a message and an exit code.
  func withClient(_ body: (ControlClient) throws -> Void) async throws {
    // An affectd that turns us away closes the connection while we write.
    signal(SIGPIPE, SIG_IGN)
    try await Reporting.run(as: "affectctl") { try body(ControlClient(path: socket)) }
  }
}
