internal import Platform

/// The directions in which samples vary most (Jolliffe, "Principal component analysis", 2002).
package struct PrincipalComponents {
  /// `[components][inputs]`, of length 1 and at right angles, the one with the largest variance first. The largest weight
  /// of each is positive.
  package let directions: [[Double]]
  /// The variance along each, over n.
  package let variances: [Double]

  /// - Parameters:
  ///   - covariance: `[inputs × inputs]`, symmetric.
  ///   - count: components that are wanted, at most `inputs`.
  package init(covariance: [Double], inputs: Int, count: Int) {
    precondition(covariance.count == inputs * inputs && (1...inputs).contains(count))
    // A few more than are wanted: the last ones come slowly.
    let carried = min(inputs, count + 10)
    var generator = SeededGenerator(seed: 1)
    var vectors = (0..<carried).map { _ in (0..<inputs).map { _ in generator.uniform() - 0.5 } }
    Self.orthonormalize(&vectors)
    for _ in 0..<Self.passes {
      vectors = vectors.map { Self.product(covariance, $0) }
      Self.orthonormalize(&vectors)
    }
    let ordered = vectors.map { vector in
      (vector: vector, variance: zip(vector, Self.product(covariance, vector)).reduce(0) { $0 + $1.0 * $1.1 })
    }
    .enumerated().sorted { ($1.element.variance, $0.offset) < ($0.element.variance, $1.offset) }.map(\.element)
    directions = ordered.prefix(count).map { vector, _ in
      let largest = vector.max { abs($0) < abs($1) } ?? 1
      return largest < 0 ? vector.map { -$0 } : vector
    }
    variances = ordered.prefix(count).map { max(0, $0.variance) }
  }

  private static let passes = 300

  private static func product(_ matrix: [Double], _ vector: [Double]) -> [Double] {
    let count = vector.count
    return matrix.withUnsafeBufferPointer { matrix in
      vector.withUnsafeBufferPointer { vector in
        (0..<count).map { row in
          var sum = 0.0
          for column in 0..<count { sum += matrix[row * count + column] * vector[column] }
          return sum
        }
      }
    }
  }

  /// Gram-Schmidt, each direction twice. A direction that the others hold already becomes 0.
  private static func orthonormalize(_ vectors: inout [[Double]]) {
    for index in vectors.indices {
      for _ in 0..<2 {
        for other in 0..<index {
          let share = zip(vectors[index], vectors[other]).reduce(0) { $0 + $1.0 * $1.1 }
          for place in vectors[index].indices { vectors[index][place] -= share * vectors[other][place] }
        }
      }
      let length = vectors[index].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let factor = length > 1e-100 ? 1 / length : 0
      for place in vectors[index].indices { vectors[index][place] *= factor }
    }
  }
}
