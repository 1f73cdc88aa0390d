import CommandLineSupport
import Glibc
import Platform

/// The socket that systemd opened for affectd, if it did (sd_listen_fds(3)).
enum SocketActivation {
  /// Descriptors that are handed over begin here.
  private static let firstDescriptor: Int32 = 3

  /// The descriptor of the socket; nil if there is none.
  ///
  /// - Throws: ``Failure`` if what was handed over is not one Unix stream socket.
  static func descriptor() throws(Failure) -> Int32? {
    guard variable("LISTEN_PID") == "\(getpid())", let text = variable("LISTEN_FDS"), let count = Int(text), count > 0
    else { return nil }
    guard count == 1, isUnixStream(firstDescriptor) else {
      throw Failure(
        .configuration, "systemd handed over \(count) sockets: affectd takes one, a Unix stream socket (ListenStream=)")
    }
    _ = fcntl(firstDescriptor, F_SETFD, FD_CLOEXEC)
    return firstDescriptor
  }

  private static func isUnixStream(_ descriptor: Int32) -> Bool {
    var domain: Int32 = 0
    var type: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0,
      getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0
    else { return false }
    return domain == AF_UNIX && type == Int32(SOCK_STREAM.rawValue)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
