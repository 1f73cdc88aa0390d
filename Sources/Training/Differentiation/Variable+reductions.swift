extension Variable {
  /// The sum of all values, of shape `[]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func sum() -> Variable {
    let (shape, count) = (shape, value.count)
    var sum: Scalar = 0
    value.withPointer { values in
      for index in 0..<count { sum += values[index] }
    }
    return Variable(DenseTensor(sum), from: [self]) { gradient in
      self.accumulate(DenseTensor(repeating: gradient.scalar, shape: shape))
    }
  }

  /// The mean of all values, of shape `[]`.
  public func mean() -> Variable { sum() / Scalar(value.count) }

  /// The sums along `axis`, which falls away.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func sum(axis: Int) -> Variable {
    let (outer, length, inner) = value.extents(around: axis)
    let shape = shape
    var sums = DenseTensor<Scalar>(zeros: Self.without(axis, shape))
    sums.withMutablePointer { sums in
      value.withPointer { values in
        for block in 0..<outer {
          for position in 0..<length {
            let row = values + (block * length + position) * inner
            for index in 0..<inner { sums[block * inner + index] += row[index] }
          }
        }
      }
    }
    return Variable(sums, from: [self]) { gradient in
      self.accumulate(
        DenseTensor(shape: shape) { result in
          gradient.withPointer { gradient in
            for block in 0..<outer {
              for position in 0..<length {
                (result + (block * length + position) * inner).update(from: gradient + block * inner, count: inner)
              }
            }
          }
        })
    }
  }

  /// The means along `axis`, which falls away.
  public func mean(axis: Int) -> Variable { sum(axis: axis) / Scalar(shape[axis]) }

  /// The largest values along `axis`, which falls away. The gradient goes to the largest, the first of equal ones.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func maximum(axis: Int) -> Variable {
    let (outer, length, inner) = value.extents(around: axis)
    let shape = shape
    var positions = [Int32](repeating: 0, count: outer * inner)
    let maxima = DenseTensor<Scalar>(shape: Self.without(axis, shape)) { maxima in
      value.withPointer { values in
        positions.withUnsafeMutableBufferPointer { positions in
          for block in 0..<outer {
            let (maxima, first) = (maxima + block * inner, block * inner)
            maxima.update(from: values + block * length * inner, count: inner)
            for position in 1..<max(1, length) {
              let row = values + (block * length + position) * inner
              for index in 0..<inner where row[index] > maxima[index] {
                maxima[index] = row[index]
                positions[first + index] = Int32(truncatingIfNeeded: position)
              }
            }
          }
        }
      }
    }
    return Variable(maxima, from: [self]) { [positions] gradient in
      self.withGradient { result in
        gradient.withPointer { gradient in
          for block in 0..<outer {
            for index in 0..<inner {
              let position = Int(positions[block * inner + index])
              result[(block * length + position) * inner + index] += gradient[block * inner + index]
            }
          }
        }
      }
    }
  }

  private static func without(_ axis: Int, _ shape: [Int]) -> [Int] {
    var shape = shape
    shape.remove(at: axis)
    return shape
  }
}
