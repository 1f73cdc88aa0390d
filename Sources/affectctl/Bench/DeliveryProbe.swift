import Affect
import CommandLineSupport
import Glibc
import Platform
import Publishing

/// Measures when the lines of ticks arrive at many clients, counted from the OSC packets of the same ticks.
final class DeliveryProbe {
  private let packets: PacketSocket
  private var clients: [Client] = []

  private struct Client {
    let descriptor: Int32
    var buffer: [UInt8] = []
  }

  /// A UDP socket on a free port of the loopback interface.
  final class PacketSocket {
    let descriptor: Int32
    let port: Int

    init() throws {
      let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      self.descriptor = descriptor
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
        }
      }
      port = Int(UInt16(bigEndian: address.sin_port))
      guard result == 0 else {
        throw Failure(.unavailable, "no UDP socket can be had: \(String(cString: strerror(errno)))")
      }
    }

    deinit { close(descriptor) }
  }

  init(socket: String, clients count: Int, packets: PacketSocket) throws {
    self.packets = packets
    for _ in 0..<count {
      do {
        clients.append(Client(descriptor: try UnixSocket.connect(to: socket)))
      } catch {
        throw Failure(.unavailable, "socket \(socket): \(error)")
      }
    }
  }

  deinit {
    for client in clients { close(client.descriptor) }
  }

  /// The delays of all lines of so many ticks, seconds.
  func measure(ticks: Int) throws -> [Double] {
    // By the tick's wall-clock time in milliseconds, which packet and line have in common.
    var packetTimes: [Int: Double] = [:]
    var delays: [Double] = []
    var descriptors = ([packets.descriptor] + clients.map(\.descriptor)).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while delays.count < ticks * clients.count {
      guard poll(&descriptors, nfds_t(descriptors.count), 10_000) > 0 else {
        throw Failure(.unavailable, "affectd has stopped publishing")
      }
      if descriptors[0].revents != 0 {
        let count = recv(packets.descriptor, &bytes, bytes.count, 0)
        let now = SystemClock().now
        if count > 0, case .bundle(let bundle) = try? OSCPacket(decoding: bytes[..<count]),
          let time = bundle.timeTag.unixTime
        {
          packetTimes[Self.key(time)] = now
        }
      }
      for index in clients.indices where descriptors[index + 1].revents != 0 {
        let count = read(clients[index].descriptor, &bytes, bytes.count)
        let now = SystemClock().now
        guard count > 0 else { throw Failure(.unavailable, "affectd has closed a connection") }
        clients[index].buffer += bytes[..<count]
        while let end = clients[index].buffer.firstIndex(of: UInt8(ascii: "\n")) {
          let time = Self.unixTime(ofTick: clients[index].buffer[..<end])
          clients[index].buffer.removeFirst(end + 1)
          guard let time, let sent = packetTimes[Self.key(time)] else { continue }
          delays.append(max(0, now - sent))
        }
      }
    }
    return delays
  }

  /// The time of a line that has values. The line is searched and not parsed: a thousand clients in one process must
  /// not measure their own parser.
  private static func unixTime(ofTick line: ArraySlice<UInt8>) -> Double? {
    let text = String(decoding: line, as: UTF8.self).utf8
    guard text.firstRange(of: "\"valence\":".utf8) != nil, let range = text.firstRange(of: "\"unix_time\":".utf8) else {
      return nil
    }
    return Double(Substring(text[range.upperBound...].prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") }))
  }

  private static func key(_ unixTime: Double) -> Int { Int((unixTime * 1000).rounded()) }
}
