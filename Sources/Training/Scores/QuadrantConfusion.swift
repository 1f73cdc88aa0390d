public import Affect

/// How often which quadrant was predicted for which.
public struct QuadrantConfusion: Sendable, Equatable {
  /// `[4 labels × 4 predictions]`, row after row.
  private var cells = SIMD16<Int>()

  /// Nothing yet, which has no scores.
  init() {}

  /// A point on an axis counts as positive or excited, as it does in what the daemon publishes; there is no dead band.
  init(_ song: ScoredSong) {
    self.init(labels: song.labels.map(Quadrant.init(of:)), predictions: song.predictions.map(Quadrant.init(of:)))
  }

  /// - Parameters:
  ///   - labels: the quadrants that listeners chose, at least one.
  ///   - predictions: those that a model chose, as many.
  public init(labels: [Quadrant], predictions: [Quadrant]) {
    precondition(!labels.isEmpty && labels.count == predictions.count)
    for (label, prediction) in zip(labels, predictions) { cells[label.index * 4 + prediction.index] += 1 }
  }

  public static func += (left: inout QuadrantConfusion, right: QuadrantConfusion) {
    left.cells &+= right.cells
  }

  /// `[4 labels × 4 predictions]`, in the order of the quadrants' numbers.
  public var counts: [[Int]] {
    (0..<4).map { label in (0..<4).map { cells[label * 4 + $0] } }
  }

  /// Share of the predictions that are right, 0...1.
  public var accuracy: Double {
    Double((0..<4).reduce(0) { $0 + cells[$1 * 5] }) / Double(cells.wrappedSum())
  }

  /// F1 = 2 TP / (2 TP + FP + FN) of a quadrant, 0...1; nil if it occurs neither among the labels nor among the
  /// predictions.
  public func f1(_ quadrant: Quadrant) -> Double? {
    let occurrences = labelCount(quadrant.index) + (0..<4).reduce(0) { $0 + cells[$1 * 4 + quadrant.index] }
    return occurrences > 0 ? 2 * Double(cells[quadrant.index * 5]) / Double(occurrences) : nil
  }

  /// Mean of the quadrants' F1, 0...1, over the quadrants that occur among the labels or the predictions.
  public var macroF1: Double {
    let scores = Quadrant.ordered.compactMap(f1)
    return scores.reduce(0, +) / Double(scores.count)
  }

  /// Mean of the quadrants' F1, 0...1, in which each counts as often as it occurs among the labels.
  public var weightedF1: Double {
    let sum = Quadrant.ordered.reduce(0.0) { $0 + Double(labelCount($1.index)) * (f1($1) ?? 0) }
    return sum / Double(cells.wrappedSum())
  }

  /// ``counts`` as a table, and each quadrant's F1: a line for each label, a column for each prediction.
  public var lines: [String] {
    TextTable(
      columns: ["label"] + Quadrant.ordered.map { "as \($0.rawValue)" } + ["F1"],
      rows: zip(Quadrant.ordered, counts).map { quadrant, counts in
        ["quadrant \(quadrant.rawValue)"] + counts.map { "\($0)" } + [NumberText.fixed(f1(quadrant), 3)]
      }
    ).lines
  }

  private func labelCount(_ label: Int) -> Int {
    (0..<4).reduce(0) { $0 + cells[label * 4 + $1] }
  }
}

extension Quadrant {
  fileprivate static let ordered: [Quadrant] = [.one, .two, .three, .four]

  fileprivate var index: Int { rawValue - 1 }
}
