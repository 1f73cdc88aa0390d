internal import AudioInput
internal import FileAccess
internal import Glibc
internal import NIOConcurrencyHelpers

/// Writes lines to a descriptor from a thread of its own, so that nobody waits for a terminal, a pager or a pipe that
/// does not read. What finds no room is lost and counted.
public final class LineWriter: Sendable {
  private let descriptor: Int32
  private let limit: Int
  private let condition = ConditionLock(value: Phase.idle)
  private let pending = NIOLockedValueBox(Pending())

  private struct Pending {
    var lines: [String] = []
    var lostCount = 0
    var hasThread = false
    var isWriting = false
  }

  private enum Phase {
    case idle, waiting, writing
  }

  /// - Parameter limit: lines that wait at most.
  public init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
  }

  /// Has `line` written, its end included. Does not wait.
  public func write(_ line: String) {
    condition.lock()
    let (needsThread, isWriting) = pending.withLockedValue { pending in
      if pending.lines.count < limit { pending.lines.append(line) } else { pending.lostCount += 1 }
      defer { pending.hasThread = true }
      return (!pending.hasThread, pending.isWriting)
    }
    condition.unlock(withValue: isWriting ? .writing : .waiting)
    if needsThread { startThread(name: "lines") { [self] in run() } }
  }

  /// Returns when everything is written, or after so many seconds.
  public func finish(within seconds: Double) {
    guard condition.lock(whenValue: .idle, timeoutSeconds: seconds) else { return }
    condition.unlock()
  }

  private func run() {
    while true {
      condition.lock(whenValue: .waiting)
      let (lines, lostCount) = pending.withLockedValue { pending in
        defer { (pending.lines, pending.lostCount, pending.isWriting) = ([], 0, true) }
        return (pending.lines, pending.lostCount)
      }
      condition.unlock(withValue: .writing)
      for line in lines { _ = Console.write(FileName.bytes(line)[...], to: descriptor) }
      if lostCount > 0 && limit > 100 {
        _ = Console.write(Array("(\(lostCount) lines were lost here: nobody read them)\n".utf8)[...], to: descriptor)
      }
      condition.lock()
      let isDone = pending.withLockedValue { pending in
        pending.isWriting = false
        return pending.lines.isEmpty
      }
      condition.unlock(withValue: isDone ? .idle : .waiting)
    }
  }
}
