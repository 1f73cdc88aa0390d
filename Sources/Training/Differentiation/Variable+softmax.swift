extension Variable {
  /// exp(x) / Σ exp(x) along the last axis. A row that the mask leaves nothing of becomes zeros.
  ///
  /// - Parameter mask: is added before; of this shape, or repeated over it. Minus infinity takes a value out.
  public func softmax(mask: DenseTensor<Scalar>? = nil) -> Variable {
    let (shape, length) = (shape, value.channels)
    let output = DenseTensor<Scalar>(shape: shape) { output in
      if let mask {
        guard let broadcast = Broadcast(mask.shape, over: shape) else {
          preconditionFailure("a mask of shape \(mask.shape) cannot be repeated over \(shape)")
        }
        broadcast.add(mask.values, times: 1, to: value.values, into: output, count: value.count)
      } else {
        output.update(from: value.values, count: value.count)
      }
      normalizeExponentials(output, length: length, count: value.count)
    }
    return Variable(output, from: [self]) { gradient in
      self.accumulate(
        DenseTensor(shape: shape) {
          softmaxGradient(gradient.values, output: output.values, length: length, count: output.count, into: $0)
        })
    }
  }
}

/// Replaces each of the rows of `length` values by its softmax.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func normalizeExponentials<Scalar: TrainingScalar>(
  _ values: UnsafeMutablePointer<Scalar>, length: Int, count: Int
) {
  for start in stride(from: 0, to: count, by: length) {
    let row = values + start
    var largest = -Scalar.infinity
    for index in 0..<length where row[index] > largest { largest = row[index] }
    guard largest > -.infinity else {
      row.update(repeating: 0, count: length)
      continue
    }
    var sum: Scalar = 0
    for index in 0..<length {
      row[index] = Scalar.exponential(row[index] - largest)
      sum += row[index]
    }
    let factor = 1 / sum
    for index in 0..<length { row[index] *= factor }
  }
}

/// `y (g - Σ g y)` for each row y of the output and g of its gradient.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func softmaxGradient<Scalar: TrainingScalar>(
  _ gradient: UnsafePointer<Scalar>, output: UnsafePointer<Scalar>, length: Int, count: Int,
  into result: UnsafeMutablePointer<Scalar>
) {
  for start in stride(from: 0, to: count, by: length) {
    var product: Scalar = 0
    for index in start..<start + length { product += gradient[index] * output[index] }
    for index in start..<start + length { result[index] = output[index] * (gradient[index] - product) }
  }
}
