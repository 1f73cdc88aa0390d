extension Array {
  /// Scales all gradients down together so that their norm, over all parameters, is at most `maximum` (Pascanu et al.,
  /// "On the difficulty of training recurrent neural networks", 2013).
  ///
  /// - Returns: the norm before.
  @discardableResult
  public func clipGradients<Scalar>(norm maximum: Double) -> Double where Element == Parameter<Scalar> {
    let norm = reduce(0) { $0 + ($1.variable.gradient?.sumOfSquares() ?? 0) }.squareRoot()
    // PyTorch's bound, which also keeps a norm of 0 from dividing.
    let factor = maximum / (norm + 1e-6)
    guard factor < 1 else { return norm }
    for parameter in self {
      guard let gradient = parameter.variable.gradient else { continue }
      parameter.variable.gradient = nil
      parameter.variable.gradient = gradient.multiplied(by: Scalar(factor))
    }
    return norm
  }
}

extension DenseTensor {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func sumOfSquares() -> Double {
    var sum = 0.0
    for value in values { sum += Double(value) * Double(value) }
    return sum
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate func multiplied(by factor: Scalar) -> DenseTensor {
    DenseTensor(shape: shape) { result in
      for index in 0..<count { result[index] = factor * values[index] }
    }
  }
}
