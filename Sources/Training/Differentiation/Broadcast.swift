/// How a smaller tensor is repeated over a larger one: value `index` of the larger meets value
/// `index / inner % length` of the smaller.
struct Broadcast {
  /// Values of the smaller tensor.
  let length: Int
  /// How often each is repeated in a row.
  let inner: Int

  /// Dimensions of length 1 are repeated, as are those that the smaller lacks in front (NumPy's rules); the others must
  /// lie side by side. Nil if the shapes do not match so.
  init?(_ smaller: [Int], over larger: [Int]) {
    guard smaller.count <= larger.count else { return nil }
    let padded = Array(repeating: 1, count: larger.count - smaller.count) + smaller
    guard let first = padded.firstIndex(where: { $0 != 1 }), let last = padded.lastIndex(where: { $0 != 1 }) else {
      (length, inner) = (1, larger.reduce(1, *))
      return
    }
    guard padded[first...last] == larger[first...last] else { return nil }
    length = padded[first...last].reduce(1, *)
    inner = larger[(last + 1)...].reduce(1, *)
  }

  /// `body(larger, smaller)` for each value of the larger, by index; `run` is how the innermost loop goes.
  @inline(__always)
  private func forEach(
    count: Int, aligned: (_ start: Int, _ count: Int) -> Void,
    repeated: (_ start: Int, _ count: Int, _ index: Int) -> Void
  ) {
    if inner == 1 {
      for start in stride(from: 0, to: count, by: length) { aligned(start, length) }
    } else {
      var index = 0
      for start in stride(from: 0, to: count, by: inner) {
        repeated(start, inner, index)
        index = index + 1 == length ? 0 : index + 1
      }
    }
  }

  /// `result = larger + factor × smaller`
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func add<Scalar: TrainingScalar>(
    _ smaller: UnsafePointer<Scalar>, times factor: Scalar, to larger: UnsafePointer<Scalar>,
    into result: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    forEach(
      count: count,
      aligned: { start, count in
        for index in 0..<count { result[start + index] = larger[start + index] + factor * smaller[index] }
      },
      repeated: { start, count, position in
        let addend = factor * smaller[position]
        for index in start..<start + count { result[index] = larger[index] + addend }
      })
  }

  /// `result = larger × smaller`
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply<Scalar: TrainingScalar>(
    _ larger: UnsafePointer<Scalar>, by smaller: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>,
    count: Int
  ) {
    forEach(
      count: count,
      aligned: { start, count in
        for index in 0..<count { result[start + index] = larger[start + index] * smaller[index] }
      },
      repeated: { start, count, position in
        let factor = smaller[position]
        for index in start..<start + count { result[index] = larger[index] * factor }
      })
  }

  /// Adds `factor` × each value of the larger to that of the smaller which it meets: the gradient of ``add``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func reduce<Scalar: TrainingScalar>(
    _ larger: UnsafePointer<Scalar>, times factor: Scalar, into sums: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    forEach(
      count: count,
      aligned: { start, count in
        for index in 0..<count { sums[index] += factor * larger[start + index] }
      },
      repeated: { start, count, position in
        var sum: Scalar = 0
        for index in start..<start + count { sum += larger[index] }
        sums[position] += factor * sum
      })
  }

  /// Adds the products of `larger` and `other`, of its shape, to the values of the smaller which they meet: the
  /// gradient of ``multiply``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func reduceProducts<Scalar: TrainingScalar>(
    _ larger: UnsafePointer<Scalar>, _ other: UnsafePointer<Scalar>, into sums: UnsafeMutablePointer<Scalar>, count: Int
  ) {
    forEach(
      count: count,
      aligned: { start, count in
        for index in 0..<count { sums[index] += larger[start + index] * other[start + index] }
      },
      repeated: { start, count, position in
        var sum: Scalar = 0
        for index in start..<start + count { sum += larger[index] * other[index] }
        sums[position] += sum
      })
  }
}
