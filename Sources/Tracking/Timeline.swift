/// Where the audio time stands while no audio comes: it goes on with the monotonic clock.
struct Timeline: Sendable {
  /// Audio time after the last audio.
  private(set) var end = 0.0
  /// When that came, on the monotonic clock; nil before the first call.
  private var time: Double
  private(set) var hasBegun = false

  /// - Parameter now: of the monotonic clock; audio time 0.
  init(now: Double) {
    time = now
  }

  mutating func audioArrived(at time: Double, audioTime: Double) {
    hasBegun = true
    self.time = time
    end = max(end, audioTime)
  }

  /// The audio time at `now`, not before the end of the last audio.
  func audioTime(at now: Double) -> Double {
    end + max(0, now - time)
  }
}
