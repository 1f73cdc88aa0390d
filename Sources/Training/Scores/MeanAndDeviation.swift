/// Mean and standard deviation of a number that each song has.
public struct MeanAndDeviation: Sendable, Equatable {
  public let mean: Double
  /// The sample's standard deviation, over n - 1; nil for a single song.
  public let deviation: Double?
  /// Number of songs that have the number.
  public let count: Int

  /// Nil if there are no values.
  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    deviation =
      values.count > 1
      ? (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot() : nil
  }
}
