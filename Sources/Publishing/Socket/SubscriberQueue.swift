internal import DequeModule

/// What waits for a subscriber that does not read fast enough: the newest lines, up to a limit.
struct SubscriberQueue<Line> {
  let limit: Int
  /// Lines that were dropped so far because newer ones came.
  private(set) var droppedCount = 0
  private var lines: Deque<Line> = []

  init(limit: Int) {
    self.limit = limit
  }

  var isEmpty: Bool { lines.isEmpty }

  /// Appends a line; the oldest goes if there are too many.
  mutating func append(_ line: Line) {
    if lines.count == limit {
      lines.removeFirst()
      droppedCount += 1
    }
    lines.append(line)
  }

  /// The oldest line, taken out.
  mutating func next() -> Line? {
    lines.popFirst()
  }
}
