extension Variable {
  /// The matrix product with `right`.
  ///
  /// - A matrix `[depth × columns]` (`[columns × depth]` if `transposingRight`) multiplies all that lies before the
  ///   last dimension: `[… × depth]` becomes `[… × columns]`.
  /// - A stack `[… × depth × columns]` with the same dimensions in front multiplies matrix by matrix:
  ///   `[… × rows × depth]` becomes `[… × rows × columns]`.
  public func matrixProduct(_ right: Variable, transposingRight: Bool = false) -> Variable {
    let product = StackedProduct(shape, right.shape, transposingRight: transposingRight)
    let (leftValue, rightValue) = (value, right.value)
    let result = DenseTensor<Scalar>(shape: product.shape) {
      product.multiply(leftValue.values, rightValue.values, into: $0)
    }
    return Variable(result, from: [self, right]) { gradient in
      self.withGradient { product.addLeftGradient(gradient.values, rightValue.values, into: $0) }
      right.withGradient { product.addRightGradient(gradient.values, leftValue.values, into: $0) }
    }
  }

  /// A fully connected layer, `y = x Wᵀ + b`, along the last dimension: `[… × in]` becomes `[… × out]`.
  ///
  /// - Parameters:
  ///   - weight: `[out × in]`
  ///   - bias: `[out]`
  public func linear(weight: Variable, bias: Variable?) -> Variable {
    let product = StackedProduct(shape, weight.shape, transposingRight: true)
    precondition(weight.shape.count == 2 && (bias.map { $0.shape == [product.columns] } ?? true))
    let (input, weightValue) = (value, weight.value)
    let output = DenseTensor<Scalar>(shape: product.shape) { output in
      if let bias { bias.value.repeatRows(product.rows, into: output) }
      product.multiply(input.values, weightValue.values, into: output, accumulating: bias != nil)
    }
    return Variable(output, from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
      self.withGradient { product.addLeftGradient(gradient.values, weightValue.values, into: $0) }
      weight.withGradient { product.addRightGradient(gradient.values, input.values, into: $0) }
      bias?.withGradient { gradient.addRowSums(to: $0) }
    }
  }
}

/// The sizes of a product of matrices, one or many.
private struct StackedProduct {
  let count, rows, columns, depth: Int
  let shape: [Int]
  let transposingRight: Bool

  init(_ left: [Int], _ right: [Int], transposingRight: Bool) {
    precondition(left.count >= 2 && right.count >= 2, "\(left) and \(right) are not matrices")
    self.transposingRight = transposingRight
    depth = left[left.count - 1]
    let (last, beforeLast) = (right[right.count - 1], right[right.count - 2])
    columns = transposingRight ? beforeLast : last
    precondition(
      (transposingRight ? last : beforeLast) == depth && (right.count == 2 || right.dropLast(2) == left.dropLast(2)),
      "\(left) and \(right) cannot be multiplied\(transposingRight ? ", the right one transposed" : "")")
    count = right.dropLast(2).reduce(1, *)
    rows = left.dropLast().reduce(1, *) / count
    shape = left.dropLast() + [columns]
  }

  private var rightStride: Int { transposingRight ? depth : columns }

  func multiply<Scalar: TrainingScalar>(
    _ left: UnsafePointer<Scalar>, _ right: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>,
    accumulating: Bool = false
  ) {
    for index in 0..<count {
      Scalar.multiply(
        left + index * rows * depth, stride: depth, transposingLeft: false,
        right + index * depth * columns, stride: rightStride, transposingRight: transposingRight,
        rows: rows, columns: columns, depth: depth, factor: 1,
        into: result + index * rows * columns, stride: columns, accumulating: accumulating)
    }
  }

  func addLeftGradient<Scalar: TrainingScalar>(
    _ gradient: UnsafePointer<Scalar>, _ right: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>
  ) {
    for index in 0..<count {
      Scalar.multiply(
        gradient + index * rows * columns, stride: columns, transposingLeft: false,
        right + index * depth * columns, stride: rightStride, transposingRight: !transposingRight,
        rows: rows, columns: depth, depth: columns, factor: 1,
        into: result + index * rows * depth, stride: depth, accumulating: true)
    }
  }

  func addRightGradient<Scalar: TrainingScalar>(
    _ gradient: UnsafePointer<Scalar>, _ left: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>
  ) {
    for index in 0..<count {
      let gradient = gradient + index * rows * columns
      let left = left + index * rows * depth
      let result = result + index * depth * columns
      if transposingRight {
        Scalar.multiply(
          gradient, stride: columns, transposingLeft: true, left, stride: depth, transposingRight: false,
          rows: columns, columns: depth, depth: rows, factor: 1, into: result, stride: depth, accumulating: true)
      } else {
        Scalar.multiply(
          left, stride: depth, transposingLeft: true, gradient, stride: columns, transposingRight: false,
          rows: depth, columns: columns, depth: rows, factor: 1, into: result, stride: columns, accumulating: true)
      }
    }
  }
}

extension DenseTensor {
  /// Writes the values `count` times, one after the other.
  func repeatRows(_ count: Int, into output: UnsafeMutablePointer<Scalar>) {
    withPointer { row in
      for index in 0..<count { (output + index * values.count).update(from: row, count: values.count) }
    }
  }

  /// Adds the sums over all but the last dimension to `sums`: the gradient of a bias.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func addRowSums(to sums: UnsafeMutablePointer<Scalar>) {
    let channels = channels
    withPointer { values in
      for start in stride(from: 0, to: count, by: channels) {
        for channel in 0..<channels { sums[channel] += values[start + channel] }
      }
    }
  }
}
