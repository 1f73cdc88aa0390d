import Platform
import Publishing
import TestSupport
import Testing

@Suite struct LatencyHistogramTests {
  @Test func withoutAnythingItIsZero() {
    let histogram = LatencyHistogram()
    #expect(histogram.count == 0 && histogram.percentile(50) == 0 && histogram.maximum == 0)
  }

  /// Against the sorted times themselves, from a microsecond to an hour.
  @Test(arguments: 1...8) func percentilesAreRightToThreeDigits(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var histogram = LatencyHistogram()
    var times: [Double] = []
    for _ in 0..<Int.random(in: 1...5000, using: &generator) {
      let microseconds = Double.random(in: 0...9.5, using: &generator)
      // 10 to the power of that, in whole microseconds.
      var time = 1.0
      for _ in 0..<Int(microseconds) { time *= 10 }
      time = (time * (1 + 9 * (microseconds - microseconds.rounded(.down)))).rounded() * 1e-6
      times.append(min(time, 3600))
      histogram.add(seconds: time + 1e-8)
    }
    times.sort()
    #expect(histogram.count == times.count)
    for percentile in [0.0, 1, 25, 50, 90, 99, 99.9, 100] {
      let rank = max(1, Int((percentile / 100 * Double(times.count)).rounded(.up)))
      let expected = times[rank - 1]
      let found = histogram.percentile(percentile)
      #expect(found >= expected - 2e-6 && found <= expected * 1.002 + 2e-6, "\(percentile): \(found), not \(expected)")
    }
    #expect(abs(histogram.maximum - times[times.count - 1]) < 2e-6)
    #expect(histogram.percentile(100) == histogram.maximum)
  }

  @Test func whatIsNoTimeDoesNoHarm() {
    var histogram = LatencyHistogram()
    for time in [-1, .nan, .infinity, -.infinity, 1e300] { histogram.add(seconds: time) }
    #expect(histogram.count == 5)
    #expect(histogram.maximum == 3600)
    #expect(histogram.percentile(1) == 0)
  }
}
