internal import Glibc
internal import Platform

/// Whether the person pressed Ctrl-C, or the program was asked to end. For work that keeps what it has by then.
public enum Interruption {
  /// From here on the first SIGINT or SIGTERM is only noted; the second ends the program.
  public static func catchSignals() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        guard EndSignals.note(number) == .insistence else { return }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  public static var isRequested: Bool { EndSignals.first != 0 }
}
