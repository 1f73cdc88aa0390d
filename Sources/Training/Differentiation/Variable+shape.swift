extension Variable {
  /// The same values in another shape.
  public func reshaped(_ shape: [Int]) -> Variable {
    let before = self.shape
    return Variable(value.reshaped(shape), from: [self]) { gradient in
      self.accumulate(gradient.reshaped(before))
    }
  }

  /// Exchanges two axes.
  public func transposed(_ first: Int, _ second: Int) -> Variable {
    Variable(value.transposed(first, second), from: [self]) { gradient in
      self.accumulate(gradient.transposed(first, second))
    }
  }

  /// The part `range` along `axis`.
  public func slice(axis: Int, _ range: Range<Int>) -> Variable {
    let (outer, length, inner) = value.extents(around: axis)
    precondition(0 <= range.lowerBound && range.upperBound <= length, "\(range) is outside \(shape)")
    var shape = shape
    shape[axis] = range.count
    let width = range.count * inner
    let start = range.lowerBound * inner
    let part = DenseTensor<Scalar>(shape: shape) { part in
      value.withPointer { values in
        for block in 0..<outer {
          (part + block * width).update(from: values + block * length * inner + start, count: width)
        }
      }
    }
    return Variable(part, from: [self]) { gradient in
      self.withGradient { result in
        for block in 0..<outer {
          add(gradient, block * width, to: result + block * length * inner + start, count: width)
        }
      }
    }
  }

  /// Variables one after the other along `axis`; the other dimensions are the same.
  public static func concatenated(_ parts: [Variable], axis: Int) -> Variable {
    precondition(!parts.isEmpty)
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    for part in parts {
      var expected = shape
      expected[axis] = part.shape[axis]
      precondition(part.shape == expected, "\(part.shape) does not fit beside \(parts[0].shape) along axis \(axis)")
    }
    let (outer, _, inner) = parts[0].value.extents(around: axis)
    let widths = parts.map { $0.shape[axis] * inner }
    let total = shape[axis] * inner
    let joined = DenseTensor<Scalar>(shape: shape) { joined in
      var start = 0
      for (part, width) in zip(parts, widths) {
        part.value.withPointer { values in
          for block in 0..<outer { (joined + block * total + start).update(from: values + block * width, count: width) }
        }
        start += width
      }
    }
    return Variable(joined, from: parts) { gradient in
      var start = 0
      for (part, width) in zip(parts, widths) {
        part.withGradient { result in
          for block in 0..<outer { add(gradient, block * total + start, to: result + block * width, count: width) }
        }
        start += width
      }
    }
  }

  /// Rows, along the first axis, in the order of `indices`, which may name a row more than once: `[rows × …]` becomes
  /// `[indices × …]`.
  public func rows(_ indices: [Int]) -> Variable {
    precondition(!shape.isEmpty && indices.allSatisfy { 0 <= $0 && $0 < shape[0] }, "a row lies outside \(shape)")
    let width = value.count / shape[0]
    let rows = DenseTensor<Scalar>(shape: [indices.count] + shape.dropFirst()) { rows in
      value.withPointer { values in
        for (position, index) in indices.enumerated() {
          (rows + position * width).update(from: values + index * width, count: width)
        }
      }
    }
    return Variable(rows, from: [self]) { gradient in
      self.withGradient { result in
        for (position, index) in indices.enumerated() {
          add(gradient, position * width, to: result + index * width, count: width)
        }
      }
    }
  }
}

/// Adds `count` values of `tensor`, from `start` on, to `result`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func add<Scalar: TrainingScalar>(
  _ tensor: DenseTensor<Scalar>, _ start: Int, to result: UnsafeMutablePointer<Scalar>, count: Int
) {
  tensor.withPointer { values in
    for index in 0..<count { result[index] += values[start + index] }
  }
}

extension DenseTensor {
  /// Exchanges two axes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func transposed(_ first: Int, _ second: Int) -> DenseTensor {
    let (low, high) = (min(first, second), max(first, second))
    guard low < high else { return self }
    precondition(low >= 0 && high < shape.count, "\(shape) has no axes \(first) and \(second)")
    var result = shape
    result.swapAt(low, high)
    let outer = shape[..<low].reduce(1, *)
    let (rows, columns) = (shape[low], shape[high])
    let middle = shape[(low + 1)..<high].reduce(1, *)
    let inner = shape[(high + 1)...].reduce(1, *)
    return DenseTensor(shape: result) { target in
      withPointer { source in
        var target = target
        for block in 0..<outer {
          for column in 0..<columns {
            for position in 0..<middle {
              for row in 0..<rows {
                let from = source + (((block * rows + row) * middle + position) * columns + column) * inner
                for index in 0..<inner { target[index] = from[index] }
                target += inner
              }
            }
          }
        }
      }
    }
  }
}
