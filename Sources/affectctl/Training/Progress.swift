import CommandLineSupport
import Platform
import Training

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

/// Says on standard error which epoch each training has come to: on a terminal a line that changes, elsewhere a line for
/// the first epoch and for each tenth of the way.
final class ProgressBoard: Sendable {
  private let isTerminal = Console.errorIsTerminal
  private let trainings = Locked<[String: String]>([:])

  func show(_ name: String, _ progress: NetworkTraining.Progress) {
    let (epoch, epochs) = (progress.epoch, progress.epochs)
    guard isTerminal else {
      if epoch == 1 || epoch % max(1, epochs / 10) == 0 {
        Console.writeError("affectctl: \(name): epoch \(epoch) of \(epochs)\n")
      }
      return
    }
    trainings.withValue { trainings in
      trainings[name] = "\(epoch)/\(epochs)"
      Self.write(trainings)
    }
  }

  /// Says that a training is done.
  func remove(_ name: String) {
    guard isTerminal else { return }
    trainings.withValue { trainings in
      trainings[name] = nil
      Self.write(trainings)
    }
  }

  /// Takes the line away.
  func clear() {
    if isTerminal { Console.writeError("\r\u{1B}[K") }
  }

  private static func write(_ trainings: [String: String]) {
    let parts = trainings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    Console.writeError("\r\u{1B}[Kepoch: " + parts.joined(separator: " · "))
  }
}
