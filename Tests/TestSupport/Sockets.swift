internal import Foundation

/// A client of the daemon's socket that reads lines as JSON objects.
public final class SocketClient {
  private let descriptor: Int32
  private let lines: LineReader

  public struct Failure: Error { let reason: String }

  public init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    lines = LineReader(descriptor: descriptor)
  }

  deinit { close(descriptor) }

  /// The next line, nil at the end.
  public func nextLine() throws -> String? { try lines.next() }

  /// The next line as a JSON object, nil at the end.
  public func next() throws -> [String: Any]? {
    guard let line = try lines.next() else { return nil }
    return try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
  }

  /// The next line that fits, nil at the end. An error if it does not come within 400 lines.
  public func next(where fits: ([String: Any]) -> Bool) throws -> [String: Any]? {
    for _ in 0..<400 {
      guard let line = try next() else { return nil }
      if fits(line) { return line }
    }
    throw Failure(reason: "no line fits")
  }

  /// The next line that says that the state is now `state`.
  public func next(state: String) throws -> [String: Any]? {
    try next { $0["state"] as? String == state }
  }

  /// Sends `text`, all of it.
  public func send(_ text: String) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, bytes.count - done) }  // not empty
      guard count > 0 else { return }
      done += count
    }
  }

  /// Sends as much of `text` as the buffers on the way take, until none has been taken for a tenth of a second. Returns
  /// the number of bytes.
  public func sendWhatFits(_ text: String) -> Int {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&request, 1, 100) > 0 else { return done }
      let count = bytes.withUnsafeBytes {
        Foundation.send(
          descriptor, $0.baseAddress! + done, bytes.count - done, Int32(MSG_DONTWAIT))  // not empty
      }
      guard count > 0 else { continue }
      done += count
    }
    return done
  }

  /// Says that nothing more will be sent, and goes on reading.
  public func shutdownWriting() { shutdown(descriptor, Int32(SHUT_WR)) }
}

/// A UDP socket on a free port of the loopback interface.
public final class PacketReceiver: Sendable {
  public let port: Int
  private let descriptor: Int32

  public init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    self.descriptor = descriptor
    port = try bindToLoopback(descriptor)
  }

  deinit { close(descriptor) }

  /// Sends a packet to `port` of the loopback interface; what answers it comes back here.
  public func send(_ bytes: [UInt8], toPort port: Int) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    let descriptor = descriptor
    let count = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard count == bytes.count else { throw SocketClient.Failure(reason: String(cString: strerror(errno))) }
  }

  /// Whether a packet is there.
  public var hasNext: Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  /// The next packet; nil if none comes within a minute.
  public func next() -> [UInt8]? {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, 60_000) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : Array(bytes[..<count])
  }

  /// Those that are there.
  public func allWaiting() -> [[UInt8]] {
    var packets: [[UInt8]] = []
    while hasNext, let packet = next() { packets.append(packet) }
    return packets
  }
}

/// A TCP port of the loopback interface at which everybody is welcome and nobody is answered.
public final class SilentServer: Sendable {
  public let port: Int
  private let descriptor: Int32

  public init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    self.descriptor = descriptor
    port = try bindToLoopback(descriptor)
    guard listen(descriptor, 64) == 0 else { throw SocketClient.Failure(reason: String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }
}

/// Binds a socket to a free port of the loopback interface, and returns the port.
private func bindToLoopback(_ descriptor: Int32) throws -> Int {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
    }
  }
  guard result == 0 else { throw SocketClient.Failure(reason: String(cString: strerror(errno))) }
  return Int(UInt16(bigEndian: address.sin_port))
}
