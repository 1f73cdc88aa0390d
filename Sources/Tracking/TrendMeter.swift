package import Affect
internal import DequeModule

/// The slope of the values: of the least-squares line through those of the last few seconds.
package struct TrendMeter: Sendable {
  /// Seconds.
  private static let span = 3.0

  private struct Point {
    let time: Double
    let affect: Affect
  }

  private var points: Deque<Point> = []

  package init() {}

  /// The trend at `time`, seconds of audio, with the value `affect` there.
  package mutating func add(_ affect: Affect, at time: Double) -> AffectTrend {
    points.append(Point(time: time, affect: affect))
    while let first = points.first, first.time < time - Self.span { points.removeFirst() }
    return AffectTrend(valence: slope(\.valence), arousal: slope(\.arousal))
  }

  mutating func restart() {
    points.removeAll(keepingCapacity: true)
  }

  private func slope(_ value: KeyPath<Affect, Float>) -> Float {
    guard points.count > 1 else { return 0 }
    let count = Double(points.count)
    let meanTime = points.reduce(0) { $0 + $1.time } / count
    let meanValue = points.reduce(0) { $0 + Double($1.affect[keyPath: value]) } / count
    var covariance = 0.0
    var variance = 0.0
    for point in points {
      covariance += (point.time - meanTime) * (Double(point.affect[keyPath: value]) - meanValue)
      variance += (point.time - meanTime) * (point.time - meanTime)
    }
    return variance > 0 ? Float(covariance / variance) : 0
  }
}
