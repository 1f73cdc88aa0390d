/// Means and standard deviations of descriptors and of how they change.
///
/// A descriptor of a frame is smoothed: it is the mean of three frames. Its delta is the slope of the straight line through
/// five smoothed frames, `(x₁ - x₋₁ + 2 (x₂ - x₋₂)) / 10`.
struct DeltaStatistics {
  /// Descriptors of a frame.
  let width: Int
  /// Frames that are told.
  let count: Int
  /// So many descriptors stay as they are behind the last frame that is told. The others go on.
  let heldCount: Int
  /// The descriptors, `[1 + count + 3 × width]`: with a frame before the first, and three behind the last one that is told.
  var frames: [Float]
  /// Of the last call of ``summarize(into:)``, `[count × width]`.
  private(set) var deltas: [Float]
  /// `[2 + count + 2 × width]`. Before the first frame are frames like it.
  private var padded: [Float]
  private var statistics: ColumnStatistics

  init(width: Int, count: Int, heldCount: Int) {
    (self.width, self.count, self.heldCount) = (width, count, heldCount)
    frames = Array(repeating: 0, count: (count + 4) * width)
    padded = Array(repeating: 0, count: (count + 4) * width)
    deltas = Array(repeating: 0, count: count * width)
    statistics = ColumnStatistics(width: width)
  }

  /// Of the last call of ``summarize(into:)``, `[count × width]`.
  var smoothed: ArraySlice<Float> { padded[2 * width..<(count + 2) * width] }

  /// Writes the means of the smoothed descriptors and of their deltas, then their deviations, `[4 × width]`.
  mutating func summarize(into values: inout [Float]) {
    smooth()
    computeDeltas()
    statistics.compute(padded, rows: 2..<count + 2)
    write(into: &values, at: 0)
    statistics.compute(deltas, rows: 0..<count)
    write(into: &values, at: width)
  }

  private mutating func smooth() {
    for place in 0..<(count + 2) * width {
      padded[2 * width + place] = (frames[place] + frames[place + width] + frames[place + 2 * width]) / 3
    }
    for row in 0..<2 {
      for column in 0..<width { padded[row * width + column] = padded[2 * width + column] }
      for column in 0..<heldCount { padded[(count + 2 + row) * width + column] = padded[(count + 1) * width + column] }
    }
  }

  private mutating func computeDeltas() {
    for place in deltas.indices {
      let near = padded[place + 3 * width] - padded[place + width]
      let far = padded[place + 4 * width] - padded[place]
      deltas[place] = (near + 2 * far) / 10
    }
  }

  /// Means into `values` from `place` on, deviations from two widths behind it on.
  private func write(into values: inout [Float], at place: Int) {
    for column in 0..<width {
      values[place + column] = Float(statistics.means[column])
      values[place + 2 * width + column] = Float(statistics.deviations[column])
    }
  }
}
