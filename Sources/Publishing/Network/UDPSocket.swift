internal import Glibc
internal import NIOCore

/// A UDP socket that sends without waiting, and stays open whatever becomes of what it sends.
///
/// SwiftNIO closes a datagram channel after most errors of a send. Where a network comes and goes, such an error is a
/// lost packet and nothing more.
final class UDPSocket {
  private let descriptor: Int32

  /// A socket that sends to addresses of the family of `address`.
  ///
  /// - Parameter interface: the IPv4 address of this machine from which multicast goes out; nil for the system's choice.
  /// - Throws: the error number.
  init(sendingTo address: SocketAddress, interface: String? = nil) throws(ErrorNumber) {
    descriptor = try Self.open(address)
    guard let interface else { return }
    var number = in_addr_t()
    // It was looked at when the configuration was read.
    inet_pton(AF_INET, interface, &number)
    let result = setsockopt(
      descriptor, Int32(IPPROTO_IP), IP_MULTICAST_IF, &number, socklen_t(MemoryLayout<in_addr_t>.size))
    // `deinit` closes it.
    guard result == 0 else { throw ErrorNumber(value: errno) }
  }

  /// A socket at `address`.
  ///
  /// - Throws: the error number.
  init(boundTo address: SocketAddress) throws(ErrorNumber) {
    descriptor = try Self.open(address)
    let descriptor = descriptor
    let result = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
    guard result == 0 else {
      // `deinit` closes it.
      throw ErrorNumber(value: errno)
    }
  }

  deinit { close(descriptor) }

  private static func open(_ address: SocketAddress) throws(ErrorNumber) -> Int32 {
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.protocol.rawValue, kind, 0)
    guard descriptor >= 0 else { throw ErrorNumber(value: errno) }
    var isOn: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, &isOn, socklen_t(MemoryLayout<Int32>.size))
    return descriptor
  }

  /// Another descriptor of the same socket, which the caller closes.
  ///
  /// - Throws: the error number.
  func duplicate() throws(ErrorNumber) -> Int32 {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw ErrorNumber(value: errno) }
    return copy
  }

  /// Sends one packet, or says why it is lost.
  func send(_ packet: [UInt8], to address: SocketAddress) -> ErrorNumber? {
    address.withSockAddr { pointer, length in
      while sendto(descriptor, packet, packet.count, Int32(MSG_NOSIGNAL), pointer, socklen_t(length)) < 0 {
        guard errno == EINTR else { return ErrorNumber(value: errno) }
      }
      return nil
    }
  }
}

extension ErrorNumber {
  /// Whether there was no room for a moment.
  var isCongestion: Bool { value == EAGAIN || value == ENOBUFS }
}
