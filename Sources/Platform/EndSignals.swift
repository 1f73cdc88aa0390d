internal import Glibc
internal import Synchronization

/// The signals that ask a program to end. The first is to be obeyed in order, a further one at once. timeout(1) and others
/// send the same signal to the program and to its group: what comes again within a moment is the first one still.
///
/// Everything here may be called in a signal handler (signal-safety(7)).
public enum EndSignals {
  public enum Meaning {
    case first, repetition, insistence
  }

  private static let number = Atomic<Int32>(0)
  private static let time = Atomic<Int>(0)

  /// Milliseconds.
  private static let moment = 250

  /// Takes in a signal.
  public static func note(_ number: Int32) -> Meaning {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let milliseconds = now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    let first = Self.number.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    if first.exchanged {
      time.store(milliseconds, ordering: .relaxed)
      return .first
    }
    // A person who wants to be quick takes another signal, or presses once more.
    return first.original == number && milliseconds - time.load(ordering: .relaxed) < moment ? .repetition : .insistence
  }

  /// The first signal; 0 before there is one.
  public static var first: Int32 { number.load(ordering: .relaxed) }
}
