internal import Glibc
internal import Synchronization

/// Whether the person pressed Ctrl-C, or the program was asked to end. For work that keeps what it has by then.
public enum Interruption {
  private static let wasAsked = Atomic<Bool>(false)

  /// From here on the first SIGINT or SIGTERM is only noted; the second ends the program.
  public static func catchSignals() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        guard Interruption.wasAsked.exchange(true, ordering: .relaxed) else { return }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  public static var isRequested: Bool { wasAsked.load(ordering: .relaxed) }
}
