/// The straight line that fits some points best: least squares of the vertical distances.
struct LeastSquaresLine: Sendable, Equatable {
  let slope: Double
  let intercept: Double
  /// Pearson's, -1...1; 0 if one of the two never changes.
  let correlation: Double

  init(_ points: [(x: Double, y: Double)]) {
    let count = Double(max(1, points.count))
    let meanX = points.reduce(0) { $0 + $1.x } / count
    let meanY = points.reduce(0) { $0 + $1.y } / count
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (x, y) in points {
      xx += (x - meanX) * (x - meanX)
      xy += (x - meanX) * (y - meanY)
      yy += (y - meanY) * (y - meanY)
    }
    // What is no more than rounding noise counts as never changing.
    if xx <= count * meanX * meanX * 1e-20 { xx = 0 }
    if yy <= count * meanY * meanY * 1e-20 { yy = 0 }
    slope = xx > 0 ? xy / xx : 0
    intercept = meanY - slope * meanX
    correlation = xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
  }
}
