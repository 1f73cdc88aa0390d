extension Variable {
  /// Batch normalisation with given statistics, along the last dimension (Ioffe and Szegedy, 2015):
  /// `y = scale (x - mean) / sqrt(variance + epsilon) + offset`. The statistics are constants.
  ///
  /// - Parameters:
  ///   - scale: `[channels]`, gamma.
  ///   - offset: `[channels]`, beta.
  ///   - mean: `[channels]`
  ///   - variance: `[channels]`
  public func normalized(
    mean: DenseTensor<Scalar>, variance: DenseTensor<Scalar>, epsilon: Scalar, scale: Variable, offset: Variable
  ) -> Variable {
    var factors = variance
    factors.update { values in
      for index in values.indices { values[index] = 1 / (values[index] + epsilon).squareRoot() }
    }
    let combined = scale * Variable(factors)
    return self * combined + (offset - combined * Variable(mean))
  }

  /// Batch normalisation with the statistics of this batch: mean and variance, over all but the last dimension, of each
  /// channel. The gradient goes through them.
  ///
  /// - Returns: the normalised values, and the statistics `[channels]` for running averages; the variance is the sum of
  ///   squares divided by the number of samples.
  public func batchNormalized(
    epsilon: Scalar, scale: Variable, offset: Variable
  ) -> (normalized: Variable, mean: DenseTensor<Scalar>, variance: DenseTensor<Scalar>) {
    let (shape, table) = (shape, Table(value))
    precondition(scale.shape == [table.channels] && offset.shape == [table.channels])
    let (mean, variance) = table.statistics(of: value)
    let factors = DenseTensor(shape: variance.shape, values: variance.values.map { 1 / ($0 + epsilon).squareRoot() })
    let scales = scale.value
    /// (x - mean) / sqrt(variance + epsilon)
    let standardized = DenseTensor<Scalar>(shape: shape) {
      table.standardize(value.values, mean: mean.values, factors: factors.values, into: $0)
    }
    let output = DenseTensor<Scalar>(shape: shape) {
      table.scale(standardized.values, by: scales.values, plus: offset.value.values, into: $0)
    }
    let result = Variable(output, from: [self, scale, offset]) { gradient in
      let (sums, products) = table.sums(of: gradient, times: standardized)
      offset.accumulate(sums)
      scale.accumulate(products)
      self.accumulate(
        DenseTensor(shape: shape) {
          table.standardizedGradient(
            gradient.values, standardized: standardized.values, sums: sums.values, products: products.values,
            scales: scales.values, factors: factors.values, into: $0)
        })
    }
    return (result, mean, variance)
  }
}

/// A tensor as `[rows × channels]`, and the loops of batch normalisation over it.
private struct Table {
  let rows, channels: Int

  init<Scalar>(_ tensor: DenseTensor<Scalar>) {
    channels = tensor.channels
    rows = tensor.count / tensor.channels
  }

  /// Mean and variance of each channel, in two passes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func statistics<Scalar: TrainingScalar>(
    of tensor: DenseTensor<Scalar>
  ) -> (mean: DenseTensor<Scalar>, variance: DenseTensor<Scalar>) {
    var mean = DenseTensor<Scalar>(zeros: [channels])
    var variance = mean
    mean.withMutablePointer { mean in
      tensor.addRowSums(to: mean)
      for channel in 0..<channels { mean[channel] /= Scalar(rows) }
      tensor.withPointer { values in
        variance.withMutablePointer { variance in
          for row in 0..<rows {
            for channel in 0..<channels {
              let difference = values[row * channels + channel] - mean[channel]
              variance[channel] += difference * difference
            }
          }
          for channel in 0..<channels { variance[channel] /= Scalar(rows) }
        }
      }
    }
    return (mean, variance)
  }

  /// `(values - mean) × factors`
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func standardize<Scalar: TrainingScalar>(
    _ values: UnsafePointer<Scalar>, mean: UnsafePointer<Scalar>, factors: UnsafePointer<Scalar>,
    into result: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<rows {
      for channel in 0..<channels {
        let index = row * channels + channel
        result[index] = (values[index] - mean[channel]) * factors[channel]
      }
    }
  }

  /// `values × scales + offsets`
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func scale<Scalar: TrainingScalar>(
    _ values: UnsafePointer<Scalar>, by scales: UnsafePointer<Scalar>, plus offsets: UnsafePointer<Scalar>,
    into result: UnsafeMutablePointer<Scalar>
  ) {
    for row in 0..<rows {
      for channel in 0..<channels {
        let index = row * channels + channel
        result[index] = values[index] * scales[channel] + offsets[channel]
      }
    }
  }

  /// The sums over the rows of the gradient, and of its products with `other`.
  func sums<Scalar: TrainingScalar>(
    of gradient: DenseTensor<Scalar>, times other: DenseTensor<Scalar>
  ) -> (sums: DenseTensor<Scalar>, products: DenseTensor<Scalar>) {
    var (sums, products) = (DenseTensor<Scalar>(zeros: [channels]), DenseTensor<Scalar>(zeros: [channels]))
    sums.withMutablePointer { gradient.addRowSums(to: $0) }
    let columns = Broadcast([channels], over: [rows, channels])!  // the last dimension
    products.withMutablePointer {
      columns.reduceProducts(gradient.values, other.values, into: $0, count: gradient.count)
    }
    return (sums, products)
  }

  /// The gradient of the input: that of the output without the parts that mean and variance take out again.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func standardizedGradient<Scalar: TrainingScalar>(
    _ gradient: UnsafePointer<Scalar>, standardized: UnsafePointer<Scalar>, sums: UnsafePointer<Scalar>,
    products: UnsafePointer<Scalar>, scales: UnsafePointer<Scalar>, factors: UnsafePointer<Scalar>,
    into result: UnsafeMutablePointer<Scalar>
  ) {
    let share = 1 / Scalar(rows)
    for row in 0..<rows {
      for channel in 0..<channels {
        let index = row * channels + channel
        let remaining = gradient[index] - share * (sums[channel] + products[channel] * standardized[index])
        result[index] = remaining * scales[channel] * factors[channel]
      }
    }
  }
}
