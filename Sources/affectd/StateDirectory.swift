import Glibc
import Platform

/// Where affectd keeps what it has found from one start to the next: systemd's `STATE_DIRECTORY`, or `affectd` in
/// `$XDG_STATE_HOME` (usually ~/.local/state).
enum StateDirectory {
  /// Nil if there is no place for it.
  static var path: String? {
    if let directory = variable("STATE_DIRECTORY") { return directory }
    if let home = variable("XDG_STATE_HOME") { return "\(home)/affectd" }
    return variable("HOME").map { "\($0)/.local/state/affectd" }
  }

  /// Makes it, and what it lies in.
  static func make() {
    if let path { Directory.make(path) }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
