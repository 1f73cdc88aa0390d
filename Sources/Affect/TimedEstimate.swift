/// An estimate, and when what happened.
public struct TimedEstimate: Sendable {
  public let estimate: AffectEstimate
  /// Wall-clock time of the tick, seconds since 1970.
  public let unixTime: Double
  /// Nil for a tick without audio.
  public let timing: Timing?

  /// Moments on the way of a tick, seconds of the monotonic clock.
  public struct Timing: Sendable {
    /// The read returned that completed the hop.
    public let hopArrival: Double
    /// The read returned that brought what the resampler needs beyond it.
    public let windowArrival: Double
    /// The network was started; before the hop was complete if its window was.
    public let inferenceStart: Double
    /// The network was ready.
    public let inferenceEnd: Double

    public init(hopArrival: Double, windowArrival: Double, inferenceStart: Double, inferenceEnd: Double) {
      self.hopArrival = hopArrival
      self.windowArrival = windowArrival
      self.inferenceStart = inferenceStart
      self.inferenceEnd = inferenceEnd
    }
  }

  public init(_ estimate: AffectEstimate, unixTime: Double, timing: Timing? = nil) {
    self.estimate = estimate
    self.unixTime = unixTime
    self.timing = timing
  }
}
