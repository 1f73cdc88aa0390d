internal import Platform

/// Writes lines to a descriptor from a thread of its own, so that nobody waits for a terminal, a pager or a pipe that
/// does not read. What finds no room is lost and counted.
public final class LineWriter: Sendable {
  private let descriptor: Int32
  private let limit: Int
  private let pending = Locked(Pending())

  private struct Pending {
    var lines: [String] = []
    var lostCount = 0
    var hasThread = false
    var isWriting = false
  }

  /// - Parameter limit: lines that wait at most.
  public init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
  }

  /// Has `line` written, its end included. Does not wait.
  public func write(_ line: String) {
    let needsThread = pending.withValue { pending in
      if pending.lines.count < limit { pending.lines.append(line) } else { pending.lostCount += 1 }
      defer { pending.hasThread = true }
      return !pending.hasThread
    }
    if needsThread { startThread(name: "lines") { [self] in run() } }
  }

  /// Returns when everything is written, or after so many seconds.
  public func finish(within seconds: Double) {
    pending.withValue(when: { $0.lines.isEmpty && !$0.isWriting }, within: seconds, do: { _ in })
  }

  private func run() {
    while true {
      let work = pending.withValue(
        when: { !$0.lines.isEmpty },
        do: { pending in
          defer { (pending.lines, pending.lostCount, pending.isWriting) = ([], 0, true) }
          return (lines: pending.lines, lostCount: pending.lostCount)
        })
      guard let work else { return }
      for line in work.lines { _ = Console.write(FileName.bytes(line)[...], to: descriptor) }
      if work.lostCount > 0 && limit > 100 {
        _ = Console.write(
          Array("(\(work.lostCount) lines were lost here: nobody read them)\n".utf8)[...], to: descriptor)
      }
      pending.withValue { $0.isWriting = false }
    }
  }
}
