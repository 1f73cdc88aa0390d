internal import Histogram

/// How long something takes, from a microsecond to an hour, to three digits.
struct LatencyHistogram: Sendable {
  private var histogram = Histogram<UInt32>(
    lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)

  var count: Int { Int(histogram.totalCount) }

  mutating func add(seconds: Double) {
    histogram.record(UInt64(min(max(seconds, 0), 3600) * 1e6))
  }

  /// Seconds; 0 if nothing was added.
  func percentile(_ percentile: Double) -> Double {
    count == 0 ? 0 : Double(histogram.valueAtPercentile(percentile)) * 1e-6
  }

  var maximum: Double { count == 0 ? 0 : Double(histogram.max) * 1e-6 }
}
