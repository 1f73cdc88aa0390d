/// Says when a frame of lamps is due: one that differs from the last one at once; one that stays the same three times, and
/// then often enough that a receiver knows that its source is there (E1.31-2018, section 6.6.2: every 800 to 1000 ms).
package struct FramePacer: Sendable {
  private var latest: [UInt8]?
  private var repeats = 0
  private var lastTime = -Double.infinity

  /// Seconds between two frames that are the same, after the first three.
  package static let keepAlive = 0.85
  package static let repeatCount = 3

  package init() {}

  /// Whether `frame` is to be sent at the time `now`, seconds of any clock; then it counts as sent.
  package mutating func isDue(_ frame: [UInt8], now: Double) -> Bool {
    if frame != latest {
      latest = frame
      repeats = 0
    } else if repeats < Self.repeatCount {
      repeats += 1
    } else if now - lastTime < Self.keepAlive - 1e-3 {
      return false
    }
    lastTime = now
    return true
  }

  /// Whether nothing but a sign of life is due until something changes.
  package var isResting: Bool { repeats >= Self.repeatCount }

  /// When that is due.
  package var nextSign: Double { lastTime + Self.keepAlive }
}
