import Affect
import Glibc

/// A song in a few numbers, out of its curve as it comes. Only ticks at which music was heard count: not those before the
/// first whole window, and none in a silence.
struct SongSummary {
  private var valence = Moments()
  private var arousal = Moments()
  private var confidence = Moments()
  private var energy = Moments()
  /// Ticks in each quadrant.
  private var quadrants = [0, 0, 0, 0]
  private var happiest: BestStretch
  private var mostExcited: BestStretch
  private let hop: Double

  /// Length of the stretches, seconds.
  static let stretch = 10.0

  init(hop: Hop) {
    self.hop = hop.seconds
    let ticks = max(1, Int((Self.stretch / hop.seconds).rounded()))
    happiest = BestStretch(ticks: ticks)
    mostExcited = BestStretch(ticks: ticks)
  }

  mutating func add(_ estimate: AffectEstimate) {
    energy.add(pow(10, Double(estimate.level) / 10))
    guard let values = estimate.values, values.raw != nil else {
      // A stretch has no hole.
      happiest.interrupt()
      mostExcited.interrupt()
      return
    }
    valence.add(Double(values.smoothed.valence))
    arousal.add(Double(values.smoothed.arousal))
    if let value = values.confidence { confidence.add(Double(value)) }
    quadrants[values.quadrant.rawValue - 1] += 1
    happiest.add(Double(values.smoothed.valence), at: estimate.audioTime)
    mostExcited.add(Double(values.smoothed.arousal), at: estimate.audioTime)
  }

  /// The cells of ``SongRow/columns`` that it knows, in their order; empty where there is nothing to say.
  func cells(duration: Double) -> [String] {
    let level = energy.mean.map { $0 > 0 ? 10 * log10($0) : -200 }
    var cells = [duration.fixed(3), (Double(valence.count) * hop).fixed(3)]
    cells += [valence.mean, valence.deviation, arousal.mean, arousal.deviation].map(text)
    cells += quadrants.map { valence.count == 0 ? "" : (Double($0) / Double(valence.count)).fixed(4) }
    for stretch in [happiest, mostExcited] {
      let start = stretch.best.map { max(0, $0.end - Double(stretch.ticks) * hop).fixed(2) }
      cells += [start ?? "", text(stretch.best?.mean)]
    }
    return cells + [text(confidence.mean), level?.fixed(2) ?? ""]
  }

  private func text(_ value: Double?) -> String { value.map { $0.fixed(4) } ?? "" }
}

/// Mean and standard deviation of numbers as they come (Welford, "Note on a method for calculating corrected sums of
/// squares and products", 1962).
private struct Moments {
  private(set) var count = 0
  private var average = 0.0
  private var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let difference = value - average
    average += difference / Double(count)
    squares += difference * (value - average)
  }

  var mean: Double? { count == 0 ? nil : average }
  /// Of all of them, not of a sample.
  var deviation: Double? { count == 0 ? nil : (squares / Double(count)).squareRoot() }
}

/// The stretch of so many ticks in a row with the highest mean; all of them where there are fewer.
private struct BestStretch {
  let ticks: Int
  private(set) var best: (end: Double, mean: Double)?
  private var newest: [Double] = []
  private var isWhole = false

  init(ticks: Int) { self.ticks = ticks }

  mutating func interrupt() { newest.removeAll(keepingCapacity: true) }

  mutating func add(_ value: Double, at time: Double) {
    if newest.count == ticks { newest.removeFirst() }
    newest.append(value)
    let mean = newest.reduce(0, +) / Double(newest.count)
    let isWholeNow = newest.count == ticks
    // A whole stretch wins over a short one.
    guard let best, isWhole || !isWholeNow else {
      self.best = (time, mean)
      isWhole = isWholeNow
      return
    }
    if isWholeNow == isWhole, mean > best.mean || !isWhole { self.best = (time, mean) }
  }
}
