import ArgumentParser
import CommandLineSupport
package import Platform

/// Says on standard error how much of some work is done and how long the rest will take: a bar on a terminal, a plain line
/// now and then elsewhere. Several threads may tell it.
package final class WorkProgress: Sendable {
  private let title: String
  private let total: Int
  private let clock: any Clock
  private let output: Output
  private let write: @Sendable (String) -> Void
  private let state: Locked<State>

  package enum Output: Sendable {
    case nothing, lines, bar
  }

  private struct State {
    let start: Double
    var done = 0
    var lastShown: Double
    var hasBar = false
  }

  /// Seconds from the start to the first sign: short work needs none.
  static let patience = 2.0
  /// Seconds between two plain lines, and between two pictures of the bar.
  private static let lineInterval = 30.0
  private static let barInterval = 0.1
  private static let largestCount = 100_000

  /// - Parameters:
  ///   - title: what is counted, such as `songs heard`.
  ///   - total: how many there are; 0 if that is not known, and then nothing is said.
  convenience init(_ title: String, total: Int, _ options: ProgressOptions) {
    let output: Output = options.quiet ? .nothing : Console.errorIsTerminal ? .bar : .lines
    self.init(title, total: total, output: output, clock: SystemClock()) { Console.writeError($0) }
  }

  package init(
    _ title: String, total: Int, output: Output, clock: any Clock, write: @escaping @Sendable (String) -> Void
  ) {
    self.title = title
    self.total = total
    self.output = total > 0 ? output : .nothing
    self.clock = clock
    self.write = write
    state = Locked(State(start: clock.now, lastShown: -.infinity))
  }

  package func advance(by count: Int = 1) {
    state.withValue { state in
      state.done += count
      show(&state)
    }
  }

  /// - Parameter done: of the total.
  package func show(done: Int) {
    state.withValue { state in
      state.done = done
      show(&state)
    }
  }

  /// Takes the bar away.
  package func clear() {
    state.withValue { state in
      if state.hasBar { write("\r\u{1B}[K") }
      state.hasBar = false
    }
  }

  /// Written under the lock, so that what is shown comes in order.
  private func show(_ state: inout State) {
    let now = clock.now
    let interval = output == .bar ? Self.barInterval : Self.lineInterval
    guard output != .nothing, now - state.start >= Self.patience, now - state.lastShown >= interval else { return }
    state.lastShown = now
    state.hasBar = output == .bar
    let rest = Self.rest(done: state.done, total: total, elapsed: now - state.start).map { ", \($0) left" } ?? ""
    switch output {
    case .nothing: break
    case .lines:
      let done = min(state.done, total)
      // Nobody counts samples.
      let count = total > Self.largestCount ? "\(100 * done / total) %" : "\(done) of \(total)"
      write("affectctl: \(title): \(count)\(rest)\n")
    case .bar:
      let share = min(1, Double(state.done) / Double(total))
      let filled = Int(share * Double(Self.width))
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
      write("\r\(bar) \(Int(share * 100)) % \(title)\(rest)\u{1B}[K")
    }
  }

  /// Cells of the bar.
  private static let width = 30

  /// How long the rest takes if it goes on as it went; nil if nothing can be said yet.
  package static func rest(done: Int, total: Int, elapsed: Double) -> String? {
    guard done > 0, done < total else { return nil }
    let seconds = Int((elapsed / Double(done) * Double(total - done)).rounded())
    return switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
    default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
  }
}

/// The option of all commands that take long.
struct ProgressOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Do not say how far it is.")
  var quiet = false
}
