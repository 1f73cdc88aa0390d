/// Mean and standard deviation (population) of each column of a table.
struct ColumnStatistics {
  private(set) var means: [Double]
  private(set) var deviations: [Double]

  init(width: Int) {
    means = Array(repeating: 0, count: width)
    deviations = means
  }

  /// - Parameters:
  ///   - values: `[rows × width]`
  ///   - range: the rows that count, at least one.
  mutating func compute(_ values: [Float], rows range: Range<Int>) {
    let (width, count) = (means.count, range.count)
    let rows = values.span.extracting(range.lowerBound * width..<range.upperBound * width)
    for column in 0..<width { (means[column], deviations[column]) = (0, 0) }
    for row in 0..<count {
      for column in 0..<width { means[column] += Double(rows[row * width + column]) }
    }
    for column in 0..<width { means[column] /= Double(count) }
    for row in 0..<count {
      for column in 0..<width {
        let distance = Double(rows[row * width + column]) - means[column]
        deviations[column] += distance * distance
      }
    }
    for column in 0..<width { deviations[column] = (deviations[column] / Double(count)).squareRoot() }
  }
}
