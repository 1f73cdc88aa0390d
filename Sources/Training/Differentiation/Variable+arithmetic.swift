// Sums and products. Shapes are the same, or one is repeated over the other, see `Broadcast`.

extension Variable {
  public static func + (left: Variable, right: Variable) -> Variable {
    left.covers(right) ? left.adding(right, times: 1) : right.adding(left, times: 1)
  }

  public static func - (left: Variable, right: Variable) -> Variable {
    left.covers(right) ? left.adding(right, times: -1) : (-right).adding(left, times: 1)
  }

  public static func * (left: Variable, right: Variable) -> Variable {
    left.covers(right) ? left.multiplied(by: right) : right.multiplied(by: left)
  }

  public static func / (left: Variable, right: Variable) -> Variable { left * right.reciprocal() }

  public static prefix func - (operand: Variable) -> Variable { operand * -1 }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func + (left: Variable, right: Scalar) -> Variable {
    left.elementwise({ $0 + right }, derivative: { _, _ in 1 })
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func * (left: Variable, right: Scalar) -> Variable {
    left.elementwise({ $0 * right }, derivative: { _, _ in right })
  }

  public static func - (left: Variable, right: Scalar) -> Variable { left + -right }
  public static func / (left: Variable, right: Scalar) -> Variable { left * (1 / right) }
  public static func + (left: Scalar, right: Variable) -> Variable { right + left }
  public static func - (left: Scalar, right: Variable) -> Variable { -right + left }
  public static func * (left: Scalar, right: Variable) -> Variable { right * left }
  public static func / (left: Scalar, right: Variable) -> Variable { right.reciprocal() * left }

  private var count: Int { value.count }

  /// Whether it is the larger of the two, over which the other is repeated.
  private func covers(_ other: Variable) -> Bool {
    count == other.count ? shape.count >= other.shape.count : count > other.count
  }

  /// How `smaller` is repeated over this shape.
  private func broadcast(_ smaller: Variable) -> Broadcast {
    guard let broadcast = Broadcast(smaller.shape, over: shape) else {
      preconditionFailure("\(smaller.shape) cannot be repeated over \(shape)")
    }
    return broadcast
  }

  private func adding(_ addend: Variable, times factor: Scalar) -> Variable {
    let broadcast = broadcast(addend)
    let count = count
    let sum = DenseTensor<Scalar>(shape: shape) {
      broadcast.add(addend.value.values, times: factor, to: value.values, into: $0, count: count)
    }
    return Variable(sum, from: [self, addend]) { gradient in
      self.accumulate(gradient)
      addend.withGradient { broadcast.reduce(gradient.values, times: factor, into: $0, count: count) }
    }
  }

  private func multiplied(by factor: Variable) -> Variable {
    let broadcast = broadcast(factor)
    let count = count
    let (left, right) = (value, factor.value)
    let product = DenseTensor<Scalar>(shape: shape) {
      broadcast.multiply(left.values, by: right.values, into: $0, count: count)
    }
    return Variable(product, from: [self, factor]) { gradient in
      self.accumulate(
        DenseTensor(shape: left.shape) {
          broadcast.multiply(gradient.values, by: right.values, into: $0, count: count)
        })
      factor.withGradient { broadcast.reduceProducts(gradient.values, left.values, into: $0, count: count) }
    }
  }
}
