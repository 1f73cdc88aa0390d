/// What the tracker says at one tick.
public struct AffectEstimate: Sendable, Equatable {
  /// Number of the tick, from 1. Ticks that were skipped leave a hole.
  public let tick: Int
  /// The tick's place in the audio, seconds from its start: tick × hop.
  public let audioTime: Double
  /// The values, if a whole window of audio lies behind the tick.
  public let values: Values?
  /// Level since the last tick, dBFS, see `LevelMeter`.
  public let level: Float
  public let state: TrackerState

  public struct Values: Sendable, Equatable {
    /// After smoothing.
    public let smoothed: Affect
    /// As the model gave it.
    public let raw: Affect

    public init(smoothed: Affect, raw: Affect) {
      self.smoothed = smoothed
      self.raw = raw
    }
  }

  public init(tick: Int, audioTime: Double, values: Values?, level: Float, state: TrackerState) {
    self.tick = tick
    self.audioTime = audioTime
    self.values = values
    self.level = level
    self.state = state
  }
}
