package import Affect

/// Leaves ticks out where a receiver wants fewer of them. A change of state is told at once, whatever the rate is.
public struct TickRate: Sendable {
  /// Ticks per second at most; nil for all.
  private let rate: Double?
  private var latest: (audioTime: Double, state: TrackerState)?

  /// What may be set.
  public static let range = 0.01...100.0

  package init(_ rate: Double?) {
    self.rate = rate
  }

  /// Whether the tick is to be sent; then it counts as sent.
  package mutating func isDue(_ estimate: AffectEstimate) -> Bool {
    if let rate, let latest {
      let elapsed = estimate.audioTime - latest.audioTime
      guard elapsed >= 1 / rate - 1e-6 || elapsed < 0 || estimate.state != latest.state else { return false }
    }
    latest = (estimate.audioTime, estimate.state)
    return true
  }
}
