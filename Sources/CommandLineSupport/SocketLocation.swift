internal import Glibc
public import Platform

/// Where the daemon's socket lies.
public enum SocketLocation {
  public static let system = "/run/affectd/affectd.sock"

  /// Where a daemon listens that was told no path: in the directory that systemd made for the service
  /// (`RUNTIME_DIRECTORY`), else in the user's (`XDG_RUNTIME_DIR`).
  ///
  /// - Throws: ``Failure`` if there is neither.
  public static func forDaemon() throws(Failure) -> String {
    if let directory = variable("RUNTIME_DIRECTORY") { return "\(directory)/affectd.sock" }
    if let path = user { return path }
    throw Failure(
      .unavailable,
      "there is no place for the socket, because XDG_RUNTIME_DIR is not set: name one with --socket PATH")
  }

  /// Where a client looks that was told no path: `$AFFECTD_SOCKET`, or the first that exists of the user's and the
  /// system's.
  ///
  /// - Throws: ``Failure`` with the places that were tried.
  public static func forClient() throws(Failure) -> String {
    if let path = variable("AFFECTD_SOCKET") { return path }
    let candidates = [user, system].compactMap { $0 }
    if let path = candidates.first(where: { access($0, F_OK) == 0 }) { return path }
    throw Failure(
      .unavailable,
      "no affectd is running: there is no socket at \(candidates.joined(separator: " or ")). Start affectd, or name "
        + "its socket with --socket PATH or in AFFECTD_SOCKET")
  }

  private static var user: String? {
    variable("XDG_RUNTIME_DIR").map { "\($0)/affectd/affectd.sock" }
  }

  /// Nil if the variable is not set or empty.
  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
