/// Linear regression with a penalty on the sum of the weights' magnitudes, most of which become 0 (Tibshirani, "Regression
/// shrinkage and selection via the lasso", 1996): least `Σ w (y - Xβ - b)² / 2Σw + α Σ|β|`, by coordinate descent
/// (Friedman, Hastie and Tibshirani, "Regularization paths for generalized linear models via coordinate descent", 2010).
extension RidgeRegression.Moments {
  /// - Parameters:
  ///   - penalties: α of each solution, falling: each solution is where the next one begins.
  ///   - precision: of the weights, as shares of the inputs' deviations.
  /// - Returns: a solution for each penalty.
  /// - Precondition: at least one sample was added.
  package func lasso(penalties: [Double], precision: Double = 1e-5) -> [RidgeRegression] {
    let (covariance, cross) = centered()
    let count = inputCount
    var weights = cross.map { [Double](repeating: 0, count: $0.count) }
    // Of each target, what the weights leave of the covariance with each input.
    var rest = cross
    return penalties.map { penalty in
      for target in weights.indices {
        for _ in 0..<Self.mostPasses {
          var largest = 0.0
          for column in 0..<count {
            let variance = covariance[column * count + column]
            guard variance > Self.leastVariance else { continue }
            let old = weights[target][column]
            let pull = rest[target][column] + variance * old
            let new = pull > penalty ? (pull - penalty) / variance : pull < -penalty ? (pull + penalty) / variance : 0
            guard new != old else { continue }
            weights[target][column] = new
            largest = max(largest, abs(new - old) * variance.squareRoot())
            covariance.withUnsafeBufferPointer { covariance in
              for row in 0..<count { rest[target][row] -= covariance[column * count + row] * (new - old) }
            }
          }
          if largest < precision { break }
        }
      }
      return solution(weights: weights)
    }
  }

  /// The least penalty that leaves no weight, and `count` more down to a thousandth of it, evenly in their logarithms.
  package func lassoPath(count: Int = 30) -> [Double] {
    let largest = centered().cross.flatMap { $0 }.reduce(1e-9) { max($0, abs($1)) }
    return (0...count).map { largest * Double.exponential(-6.907755 * Double($0) / Double(count)) }
  }

  private static var mostPasses: Int { 1000 }
  private static var leastVariance: Double { 1e-12 }
}
