extension Variable {
  /// Sets values to 0 with probability `rate` and divides the others by `1 - rate`, so that the mean stays (Srivastava
  /// et al., "Dropout", 2014).
  ///
  /// - Parameter rate: 0 or more, less than 1.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func dropout(rate: Double, using generator: inout SeededGenerator) -> Variable {
    precondition(0 <= rate && rate < 1, "a dropout rate of \(rate) leaves nothing to learn from")
    guard rate > 0 else { return self }
    // A random number below `rate` times the largest drops a value.
    let threshold = UInt64(rate * 0x1p64)
    let kept = Scalar(1 / (1 - rate))
    let count = value.count
    var random = generator
    let factors = DenseTensor<Scalar>(shape: shape) { factors in
      for index in 0..<count { factors[index] = random.next() < threshold ? 0 : kept }
    }
    generator = random
    return self * Variable(factors)
  }
}
