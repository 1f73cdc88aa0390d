import CommandLineSupport
import Platform

/// A line on standard error that says how much of some work is done; nothing where that is no terminal. Several threads
/// may tell it.
final class ProgressLine: Sendable {
  private let title: String
  private let total: Int
  private let done = Locked(0)
  private let isShown = Console.errorIsTerminal

  init(title: String, total: Int) {
    self.title = title
    self.total = total
  }

  func advance() {
    // Written under the lock, so that the lines come in order.
    done.withValue { done in
      done += 1
      if isShown { Console.writeError("\r\(done) of \(total) \(title)") }
    }
  }

  /// Takes the line away.
  func clear() {
    if isShown { Console.writeError("\r\u{1B}[K") }
  }
}
