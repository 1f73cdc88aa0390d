extension Variable {
  /// Layer normalisation along the last dimension (Ba, Kiros and Hinton, 2016):
  /// `y = scale (x - mean) / sqrt(variance + epsilon) + offset`, with mean and variance of each row.
  ///
  /// - Parameters:
  ///   - scale: `[features]`, gamma.
  ///   - offset: `[features]`, beta.
  public func layerNormalized(epsilon: Scalar, scale: Variable, offset: Variable) -> Variable {
    let rows = RowNormalization(rows: value.count / value.channels, length: value.channels)
    let shape = shape
    var factors = [Scalar](repeating: 0, count: rows.rows)
    /// (x - mean) / sqrt(variance + epsilon)
    let standardized = DenseTensor<Scalar>(shape: shape) {
      rows.standardize(value.values, epsilon: epsilon, factors: &factors, into: $0)
    }
    let result = Variable(standardized, from: [self]) { [factors] gradient in
      self.accumulate(
        DenseTensor(shape: shape) {
          rows.gradient(gradient.values, standardized: standardized.values, factors: factors, into: $0)
        })
    }
    return result * scale + offset
  }
}

private struct RowNormalization {
  let rows, length: Int

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func standardize<Scalar: TrainingScalar>(
    _ values: UnsafePointer<Scalar>, epsilon: Scalar, factors: UnsafeMutablePointer<Scalar>,
    into result: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<rows {
      let (values, result) = (values + row * length, result + row * length)
      var mean: Scalar = 0
      for index in 0..<length { mean += values[index] }
      mean /= Scalar(length)
      var variance: Scalar = 0
      for index in 0..<length { variance += (values[index] - mean) * (values[index] - mean) }
      let factor = 1 / (variance / Scalar(length) + epsilon).squareRoot()
      for index in 0..<length { result[index] = (values[index] - mean) * factor }
      factors[row] = factor
    }
  }

  /// The gradient without the parts that mean and variance take out again.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func gradient<Scalar: TrainingScalar>(
    _ gradient: UnsafePointer<Scalar>, standardized: UnsafePointer<Scalar>, factors: UnsafePointer<Scalar>,
    into result: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<rows {
      let start = row * length
      var (sum, product): (Scalar, Scalar) = (0, 0)
      for index in start..<start + length {
        sum += gradient[index]
        product += gradient[index] * standardized[index]
      }
      sum /= Scalar(length)
      product /= Scalar(length)
      for index in start..<start + length {
        result[index] = factors[row] * (gradient[index] - sum - product * standardized[index])
      }
    }
  }
}
