/// How fast the values move: change per second of audio.
public struct AffectTrend: Sendable, Equatable {
  public let valence: Float
  public let arousal: Float

  public static let steady = AffectTrend(valence: 0, arousal: 0)

  public init(valence: Float, arousal: Float) {
    self.valence = valence
    self.arousal = arousal
  }
}
