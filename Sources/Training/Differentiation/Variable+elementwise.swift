internal import Glibc
public import Platform

extension Variable {
  /// `function` of each value. `derivative` takes the value before and after.
  @inline(__always)
  func elementwise(
    _ function: (Scalar) -> Scalar, derivative: @escaping (_ input: Scalar, _ output: Scalar) -> Scalar
  ) -> Variable {
    let input = value
    let count = input.count
    let output = DenseTensor<Scalar>(shape: shape) { output in
      input.withPointer { input in
        for index in 0..<count { output[index] = function(input[index]) }
      }
    }
    return Variable(output, from: [self]) { gradient in
      self.accumulate(
        DenseTensor(shape: input.shape) { result in
          input.withPointer { input in
            output.withPointer { output in
              gradient.withPointer { gradient in
                for index in 0..<count { result[index] = gradient[index] * derivative(input[index], output[index]) }
              }
            }
          }
        })
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func exponential() -> Variable {
    elementwise({ Scalar.exponential($0) }, derivative: { $1 })
  }

  /// The natural logarithm.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func logarithm() -> Variable {
    elementwise({ Scalar.logarithm($0) }, derivative: { input, _ in 1 / input })
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func squared() -> Variable {
    elementwise({ $0 * $0 }, derivative: { input, _ in 2 * input })
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func squareRoot() -> Variable {
    elementwise({ $0.squareRoot() }, derivative: { 1 / (2 * $1) })
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func reciprocal() -> Variable {
    elementwise({ 1 / $0 }, derivative: { -$1 * $1 })
  }

  /// max(x, 0); the gradient at 0 is 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func relu() -> Variable {
    elementwise({ $0 > 0 ? $0 : 0 }, derivative: { $1 > 0 ? 1 : 0 })
  }

  /// x Φ(x) with the distribution function Φ of the normal distribution, by the error function and not by an
  /// approximation (Hendrycks and Gimpel, "Gaussian error linear units", 2016).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func gelu() -> Variable {
    func distribution(_ x: Scalar) -> Scalar { (1 + Scalar.errorFunction(x * Scalar(0.5.squareRoot()))) / 2 }
    return elementwise(
      { $0 * distribution($0) },
      derivative: { input, _ in
        let density = Scalar.exponential(-input * input / 2) * Scalar((2 * Double.pi).squareRoot().inverse)
        return distribution(input) + input * density
      })
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func tanh() -> Variable {
    elementwise({ Scalar.hyperbolicTangent($0) }, derivative: { 1 - $1 * $1 })
  }

  /// The logistic function 1 / (1 + exp(-x)).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func sigmoid() -> Variable {
    elementwise({ logistic($0) }, derivative: { $1 * (1 - $1) })
  }
}

extension Double {
  fileprivate var inverse: Double { 1 / self }
}

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
