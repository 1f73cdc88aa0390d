/// How long something takes, from a microsecond to an hour, to three digits.
///
/// Times are counted in buckets of whole microseconds up to 1024, and above in 512 buckets for each doubling, so that a
/// bucket is never wider than 0.2 % of its value (as in HdrHistogram, hdrhistogram.org). The memory is 50 kB, however
/// many times are counted.
package struct LatencyHistogram: Sendable {
  package private(set) var count = 0
  private var counts = [UInt32](repeating: 0, count: index(of: largest) + 1)
  private var largestCounted = 0

  /// Microseconds of an hour. What takes longer counts as so much.
  private static let largest = 3_600_000_000
  /// Values below have a bucket each; half as many buckets lie in each doubling above.
  private static let exact = 1024

  package init() {}

  package mutating func add(seconds: Double) {
    // NaN counts as nothing.
    let microseconds = Int(min(max(0, seconds * 1e6), Double(Self.largest)))
    let index = Self.index(of: microseconds)
    counts[index] = counts[index] &+ 1
    count += 1
    largestCounted = max(largestCounted, microseconds)
  }

  /// The time that so many percent do not exceed, seconds; 0 if nothing was added.
  package func percentile(_ percentile: Double) -> Double {
    guard count > 0 else { return 0 }
    let wanted = max(1, Int((percentile / 100 * Double(count)).rounded(.up)))
    var counted = 0
    for index in counts.indices {
      counted += Int(counts[index])
      if counted >= wanted { return Double(min(Self.upperBound(of: index), largestCounted)) * 1e-6 }
    }
    return maximum
  }

  package var maximum: Double { Double(largestCounted) * 1e-6 }

  private static func index(of value: Int) -> Int {
    let shift = shift(of: value)
    // Of a shifted value the highest bit is always set.
    return shift == 0 ? value : exact / 2 * (shift + 1) + (value >> shift) - exact / 2
  }

  /// The largest value in a bucket.
  private static func upperBound(of index: Int) -> Int {
    guard index >= exact else { return index }
    let shift = (index - exact) / (exact / 2) + 1
    let first = index - exact / 2 * (shift + 1) + exact / 2
    return ((first + 1) << shift) - 1
  }

  /// By how many bits `value` is too long for the buckets.
  private static func shift(of value: Int) -> Int {
    max(0, Int.bitWidth - value.leadingZeroBitCount - exact.trailingZeroBitCount)
  }
}
