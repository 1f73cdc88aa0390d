/// What the tracker says at one tick.
public struct AffectEstimate: Sendable, Equatable {
  /// Number of the tick, from 1. Ticks that were skipped leave a hole.
  public let tick: Int
  /// The tick's place in the audio, seconds from its start: tick × hop.
  public let audioTime: Double
  /// The values; nil as long as no whole window of music was heard since the start or the last reset.
  public let values: Values?
  /// Level since the last tick, dBFS, see `LevelMeter`.
  public let level: Float
  public let state: TrackerState
  /// Seconds of audio that were lost since the estimate before; 0 as a rule.
  public let gap: Double
  /// Whether somebody froze the values.
  public let isFrozen: Bool
  /// What is the matter with the audio.
  public let conditions: InputConditions

  public struct Values: Sendable, Equatable {
    /// What is to be followed: after smoothing, and held or decayed while there is no music.
    public let smoothed: Affect
    /// As the model gave it; nil while the values are held.
    public let raw: Affect?
    public let trend: AffectTrend
    public let quadrant: Quadrant
    /// Probability that both values lie near what listeners would say, 0...1; nil while the values are held, and for a
    /// model that does not know.
    public let confidence: Float?

    public init(
      smoothed: Affect, raw: Affect?, trend: AffectTrend = .steady, quadrant: Quadrant? = nil, confidence: Float? = nil
    ) {
      self.smoothed = smoothed
      self.raw = raw
      self.trend = trend
      self.quadrant = quadrant ?? Quadrant(of: smoothed)
      self.confidence = confidence
    }
  }

  public init(
    tick: Int, audioTime: Double, values: Values?, level: Float, state: TrackerState, gap: Double = 0,
    isFrozen: Bool = false, conditions: InputConditions = []
  ) {
    self.tick = tick
    self.audioTime = audioTime
    self.values = values
    self.level = level
    self.state = state
    self.gap = gap
    self.isFrozen = isFrozen
    self.conditions = conditions
  }
}
