/// How near a model comes to what listeners say.
public struct Scores: Sendable, Equatable {
  public let valence: DimensionScores
  public let arousal: DimensionScores
  /// Share of the frames whose quadrant is right, 0...1. A point on an axis counts as positive or excited.
  public let quadrantAccuracy: Double
  /// Mean F1 of the quadrants that occur among the labels or the predictions, 0...1.
  public let quadrantMacroF1: Double
  public let songCount: Int
  /// Frames of all songs.
  public let frameCount: Int

  /// - Precondition: there is at least one song.
  public init(_ songs: [ScoredSong]) {
    precondition(!songs.isEmpty)
    valence = DimensionScores(DimensionSums(.valence, of: songs))
    arousal = DimensionScores(DimensionSums(.arousal, of: songs))
    let confusion = songs.reduce(into: QuadrantConfusion()) { $0 += QuadrantConfusion($1) }
    quadrantAccuracy = confusion.accuracy
    quadrantMacroF1 = confusion.macroF1
    songCount = songs.count
    frameCount = songs.reduce(0) { $0 + $1.labels.count }
  }

  public subscript(dimension: Dimension) -> DimensionScores {
    switch dimension {
    case .valence: valence
    case .arousal: arousal
    }
  }
}
