internal import DequeModule

/// How much of the last window was music and not silence, 0...1.
struct MusicShare: Sendable {
  /// Seconds.
  let window: Double

  private struct Stretch {
    let seconds: Double
    let isQuiet: Bool
    var quietSeconds: Double { isQuiet ? seconds : 0 }
  }

  private var stretches: Deque<Stretch> = []
  private var total = 0.0
  private var quiet = 0.0

  init(window: Double) {
    self.window = window
  }

  /// Whether there was no silence at all.
  var isWhole: Bool { quiet < 1e-6 }

  var value: Float { total > 0 ? Float(1 - quiet / total) : 1 }

  mutating func add(seconds: Double, isQuiet: Bool) {
    let new = Stretch(seconds: seconds, isQuiet: isQuiet)
    stretches.append(new)
    total += new.seconds
    quiet += new.quietSeconds
    while let first = stretches.first, total - first.seconds >= window - 1e-6 {
      total -= first.seconds
      quiet -= first.quietSeconds
      stretches.removeFirst()
    }
  }

  mutating func restart() {
    self = MusicShare(window: window)
  }
}
