internal import Glibc
internal import Platform

/// The client's side of a Unix socket.
public enum UnixSocket {
  /// Bytes that a path may have: `sun_path` (unix(7)) less its closing zero.
  public static let pathLimit = 107

  /// Connects to `path` and returns the descriptor, which the caller closes.
  ///
  /// - Throws: the error number.
  public static func connect(to path: String) throws(ErrorNumber) -> Int32 {
    guard FileName.bytes(path).count <= pathLimit else { throw ErrorNumber(value: ENAMETOOLONG) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw ErrorNumber(value: errno) }
    let result = withAddress(path) { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 else {
      let error = ErrorNumber(value: errno)
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Calls `body` with the address of `path`, which has at most ``pathLimit`` bytes, and its length.
  static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: FileName.bytes(path)) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}

/// What the system says of a call that failed.
public struct ErrorNumber: Error, Equatable, CustomStringConvertible, Sendable {
  public let value: Int32

  public var description: String { String(cString: strerror(value)) }
}
