internal import Platform

/// Linear regression with a penalty on the weights (Hoerl and Kennard, "Ridge regression: biased estimation for
/// nonorthogonal problems", 1970), in closed form: `W = (X'X + λ I)⁻¹ X'Y` over centered inputs and targets.
package struct RidgeRegression {
  /// `[targets × inputs]`, for inputs as they were given, not centered.
  package let weights: [[Double]]
  /// `[targets]`
  package let offsets: [Double]

  /// More would take gigabytes and hours: all pairs of inputs are looked at.
  package static let inputLimit = 8192

  /// - Parameter what: looks at all pairs of inputs, for the message.
  /// - Throws: ``Failure`` if there are too many inputs.
  static func check(inputs: Int, of what: String) throws(Failure) {
    guard inputs <= inputLimit else {
      throw Failure(
        .usage,
        "\(inputs) values at a moment are too many for \(what), which looks at all pairs of them: take at most "
          + "\(inputLimit), such as by --select pearson:500")
    }
  }

  /// Sums over weighted samples, from which the solution for any penalty follows.
  package struct Moments {
    private var weight = 0.0
    private var inputSums: [Double]
    private var targetSums: [Double]
    /// Lower triangle of X'X, `[inputs × inputs]`.
    private var products: [Double]
    /// X'Y, `[targets × inputs]`
    private var crossProducts: [[Double]]

    package init(inputs: Int, targets: Int) {
      inputSums = Array(repeating: 0, count: inputs)
      targetSums = Array(repeating: 0, count: targets)
      products = Array(repeating: 0, count: inputs * inputs)
      crossProducts = Array(repeating: Array(repeating: 0, count: inputs), count: targets)
    }

    /// - Parameter sampleWeight: how much the sample counts, above 0.
    package mutating func add(_ input: ArraySlice<Float>, targets: [Float], weight sampleWeight: Double = 1) {
      let count = inputSums.count
      precondition(input.count == count)
      let sample = input.map(Double.init)
      weight += sampleWeight
      for row in 0..<count {
        let value = sample[row] * sampleWeight
        inputSums[row] += value
        products.withUnsafeMutableBufferPointer { products in
          for column in 0...row { products[row * count + column] += value * sample[column] }
        }
      }
      for (index, target) in targets.enumerated() {
        let value = Double(target) * sampleWeight
        targetSums[index] += value
        for column in 0..<count { crossProducts[index][column] += value * sample[column] }
      }
    }

    var inputCount: Int { inputSums.count }

    /// The covariance of the inputs, `[inputs × inputs]`, and that of the inputs with the targets, `[targets × inputs]`.
    func centered() -> (covariance: [Double], cross: [[Double]]) {
      let count = inputSums.count
      let means = inputSums.map { $0 / weight }
      var covariance = products
      for row in 0..<count {
        for column in 0...row {
          let value = products[row * count + column] / weight - means[row] * means[column]
          covariance[row * count + column] = value
          covariance[column * count + row] = value
        }
      }
      let cross = zip(crossProducts, targetSums).map { products, sum in
        products.enumerated().map { $1 / weight - sum / weight * means[$0] }
      }
      return (covariance, cross)
    }

    /// - Parameter weights: `[targets × inputs]`
    func solution(weights: [[Double]]) -> RidgeRegression {
      let offsets = zip(weights, targetSums).map { weights, sum in
        zip(weights, inputSums).reduce(sum / weight) { $0 - $1.0 * $1.1 / weight }
      }
      return RidgeRegression(weights: weights, offsets: offsets)
    }

    /// - Parameter penalty: λ as a multiple of the number of samples, above 0.
    /// - Precondition: at least one sample was added.
    package func solve(penalty: Double) -> RidgeRegression {
      let count = inputSums.count
      let means = inputSums.map { $0 / weight }
      var matrix = products
      for row in 0..<count {
        for column in 0...row { matrix[row * count + column] -= weight * means[row] * means[column] }
        matrix[row * count + row] += penalty * weight
      }
      let factor = Cholesky(matrix, size: count)
      var weights: [[Double]] = []
      var offsets: [Double] = []
      for (index, sum) in targetSums.enumerated() {
        let solution = factor.solve(crossProducts[index].enumerated().map { $0.element - sum * means[$0.offset] })
        weights.append(solution)
        offsets.append(sum / weight - zip(solution, means).reduce(0) { $0 + $1.0 * $1.1 })
      }
      return RidgeRegression(weights: weights, offsets: offsets)
    }
  }

  /// The estimate for an input.
  package func predict(_ input: ArraySlice<Float>) -> [Double] {
    zip(weights, offsets).map { weights, offset in
      zip(weights, input).reduce(offset) { $0 + $1.0 * Double($1.1) }
    }
  }
}

/// The factor L of a symmetric, positive definite matrix A = L L'.
private struct Cholesky {
  private var factor: [Double]
  private let size: Int

  /// - Parameter matrix: `[size × size]`, of which the lower triangle is read.
  init(_ matrix: [Double], size: Int) {
    self.size = size
    factor = matrix
    factor.withUnsafeMutableBufferPointer { factor in
      for column in 0..<size {
        for row in column..<size {
          var sum = factor[row * size + column]
          for index in 0..<column { sum -= factor[row * size + index] * factor[column * size + index] }
          factor[row * size + column] =
            row == column ? max(sum, .leastNormalMagnitude).squareRoot() : sum / factor[column * size + column]
        }
      }
    }
  }

  func solve(_ right: [Double]) -> [Double] {
    var result = right
    for row in 0..<size {
      for column in 0..<row { result[row] -= factor[row * size + column] * result[column] }
      result[row] /= factor[row * size + row]
    }
    for row in (0..<size).reversed() {
      for column in row + 1..<size { result[row] -= factor[column * size + row] * result[column] }
      result[row] /= factor[row * size + row]
    }
    return result
  }
}
