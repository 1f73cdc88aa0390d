internal import Affect

/// How often which quadrant was predicted for which.
///
/// A point on an axis counts as positive or excited, as it does in what the daemon publishes; there is no dead band.
struct QuadrantConfusion: Sendable {
  /// Frames, `[4 labels × 4 predictions]`.
  private var counts = SIMD16<Int>()

  init() {}

  init(_ song: ScoredSong) {
    for (label, prediction) in zip(song.labels, song.predictions) {
      counts[Self.index(of: label) * 4 + Self.index(of: prediction)] += 1
    }
  }

  static func += (left: inout QuadrantConfusion, right: QuadrantConfusion) {
    left.counts &+= right.counts
  }

  /// Share of the frames whose quadrant is right, 0...1.
  var accuracy: Double {
    Double((0..<4).reduce(0) { $0 + counts[$1 * 5] }) / Double(counts.wrappedSum())
  }

  /// Mean of the quadrants' F1 = 2 TP / (2 TP + FP + FN), 0...1, over the quadrants that occur among the labels or the
  /// predictions: one that occurs in neither has no F1.
  var macroF1: Double {
    let scores = (0..<4).compactMap { quadrant -> Double? in
      let labelled = (0..<4).reduce(0) { $0 + counts[quadrant * 4 + $1] }
      let predicted = (0..<4).reduce(0) { $0 + counts[$1 * 4 + quadrant] }
      guard labelled + predicted > 0 else { return nil }
      return 2 * Double(counts[quadrant * 5]) / Double(labelled + predicted)
    }
    return scores.reduce(0, +) / Double(scores.count)
  }

  private static func index(of affect: Affect) -> Int {
    Quadrant(isPositive: affect.valence >= 0, isExcited: affect.arousal >= 0).rawValue - 1
  }
}
