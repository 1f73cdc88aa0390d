internal import Glibc

/// From decisions between each two of four classes to the probabilities of the four. Each decision becomes a probability by
/// a logistic curve (Platt, "Probabilistic outputs for support vector machines", 1999), and the six are coupled (Wu, Lin
/// and Weng, "Probability estimates for multi-class classification by pairwise coupling", 2004, second method).
package struct PairwiseProbabilities: Sendable, Equatable {
  /// For the pairs 12, 13, 14, 23, 24, 34: the first is the more probable, the larger `-(slope · decision + offset)`.
  package let slopes: [Float]
  package let offsets: [Float]

  package static let pairCount = 6

  package init(slopes: [Float], offsets: [Float]) {
    precondition(slopes.count == Self.pairCount && offsets.count == Self.pairCount)
    (self.slopes, self.offsets) = (slopes, offsets)
  }

  /// The probabilities of the classes, which sum to 1.
  ///
  /// - Parameter decisions: `[6]`, above 0 for the first class of the pair.
  package func probabilities(_ decisions: [Float]) -> SIMD4<Double> {
    // r[i][j]: probability of i against j.
    var shares = [SIMD4<Double>](repeating: .zero, count: 4)
    var pair = 0
    for first in 0..<4 {
      for second in first + 1..<4 {
        let exponent = Double(slopes[pair]) * Double(decisions[pair]) + Double(offsets[pair])
        let share = min(max(1 / (1 + exp(exponent)), Self.least), 1 - Self.least)
        shares[first][second] = share
        shares[second][first] = 1 - share
        pair += 1
      }
    }
    return Self.coupled(shares)
  }

  private static let least = 1e-7

  /// The probabilities p that make Σ (r_ji p_i - r_ij p_j)² least, by the paper's algorithm.
  private static func coupled(_ shares: [SIMD4<Double>]) -> SIMD4<Double> {
    var matrix = [SIMD4<Double>](repeating: .zero, count: 4)
    for row in 0..<4 {
      for column in 0..<4 where column != row {
        matrix[row][row] += shares[column][row] * shares[column][row]
        matrix[row][column] = -shares[column][row] * shares[row][column]
      }
    }
    var probabilities = SIMD4(repeating: 0.25)
    for _ in 0..<1000 {
      var products = SIMD4<Double>.zero
      for row in 0..<4 { products[row] = (matrix[row] * probabilities).sum() }
      var value = (probabilities * products).sum()
      let error = (0..<4).reduce(0.0) { max($0, abs(products[$1] - value)) }
      if error < 1e-12 { break }
      for row in 0..<4 {
        let change = (value - products[row]) / matrix[row][row]
        probabilities[row] += change
        value =
          (value + change * (change * matrix[row][row] + 2 * products[row])) / ((1 + change) * (1 + change))
        for column in 0..<4 {
          products[column] = (products[column] + change * matrix[row][column]) / (1 + change)
        }
        probabilities /= 1 + change
      }
    }
    return probabilities
  }
}
