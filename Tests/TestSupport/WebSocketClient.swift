internal import Glibc

/// A client of a WebSocket (RFC 6455) of this machine, as plain as it can be.
public final class WebSocketClient {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// A message or a control frame.
  public struct Frame: Equatable {
    /// 1 for a text, 8 for the end, 9 and 10 for ping and pong.
    public let opcode: UInt8
    public let payload: [UInt8]

    public var text: String { String(decoding: payload, as: UTF8.self) }
  }

  /// Connects, and asks for the upgrade.
  ///
  /// - Parameter headers: in the place of the usual `Host`, and beside it.
  /// - Throws: ``Failure`` with the first line of the answer if it is refused.
  public init(port: Int, path: String = "/ws", headers: [String]? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    let descriptor = descriptor
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw Failure(description: String(cString: strerror(errno))) }
    let lines =
      ["GET \(path) HTTP/1.1"] + (headers ?? ["Host: 127.0.0.1:\(port)"])
      + [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", "",
      ]
    sendBytes(Array(lines.joined(separator: "\r\n").utf8))
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) { head.append(try byte()) }
    let answer = String(decoding: head.prefix { $0 != 13 }, as: UTF8.self)
    guard answer.contains(" 101 ") else { throw Failure(description: answer) }
  }

  deinit { close(descriptor) }

  public func sendBytes(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// Sends a frame, masked with zeros.
  public func send(_ text: String, opcode: UInt8 = 1, isLast: Bool = true) {
    let payload = Array(text.utf8)
    var frame: [UInt8] = [(isLast ? 0x80 : 0) | opcode]
    if payload.count < 126 {
      frame.append(0x80 | UInt8(payload.count))
    } else {
      frame += [0x80 | 126, UInt8(truncatingIfNeeded: payload.count >> 8), UInt8(truncatingIfNeeded: payload.count)]
    }
    sendBytes(frame + [0, 0, 0, 0] + payload)
  }

  /// The next frame; nil at the end.
  public func next() throws -> Frame? {
    guard let first = try? byte() else { return nil }
    var count = Int(try byte() & 0x7F)
    if count == 126 { count = Int(try byte()) << 8 | Int(try byte()) }
    return Frame(opcode: first & 0x0F, payload: try (0..<count).map { _ in try byte() })
  }

  /// The next text that has `part` in it; nil at the end.
  public func next(with part: String) throws -> String? {
    while let frame = try next() {
      if frame.opcode == 1, frame.text.contains(part) { return frame.text }
    }
    return nil
  }

  private func byte() throws -> UInt8 {
    if buffer.isEmpty {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&request, 1, 60_000) > 0 else { throw LineReader.NothingCame() }
      buffer = [UInt8](repeating: 0, count: 65_536)
      let count = read(descriptor, &buffer, buffer.count)
      buffer.removeLast(buffer.count - max(0, count))
      buffer.reverse()
    }
    guard let byte = buffer.popLast() else { throw Failure(description: "closed") }
    return byte
  }
}
