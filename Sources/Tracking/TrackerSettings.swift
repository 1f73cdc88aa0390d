public import Affect

/// What decides how the tracker follows the music.
public struct TrackerSettings: Sendable, Equatable {
  public let hop: Hop
  public var smoothing: Smoothing
  public var silence: SilenceSettings
  /// Half the width of the band around zero in which a value does not change its quadrant.
  public var deadBand: Float

  public init(
    hop: Hop, smoothing: Smoothing = .standard, silence: SilenceSettings = SilenceSettings(), deadBand: Float = 0.05
  ) {
    self.hop = hop
    self.smoothing = smoothing
    self.silence = silence
    self.deadBand = deadBand
  }
}
