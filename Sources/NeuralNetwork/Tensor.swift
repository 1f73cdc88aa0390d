/// A dense array of single-precision numbers, row-major: the last dimension lies together in memory.
public struct Tensor: Sendable, Equatable {
  public let shape: [Int]
  public package(set) var values: [Float]

  /// - Precondition: `values` holds as many numbers as `shape` says.
  public init(shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill \(shape)")
    self.shape = shape
    self.values = values
  }

  public init(zeros shape: [Int]) {
    self.init(shape: shape, values: Array(repeating: 0, count: shape.reduce(1, *)))
  }

  /// Length of the last dimension: the channels.
  var channels: Int { shape.last ?? 1 }

  /// Lets `body` fill the values in place.
  public mutating func fill(_ body: (inout [Float]) -> Void) {
    body(&values)
    precondition(values.count == shape.reduce(1, *), "a tensor keeps its size")
  }

  /// Lets a kernel write the values in place. The tensor must not be empty.
  mutating func withMutableValues(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    values.withUnsafeMutableBufferPointer { body($0.baseAddress!) }  // not empty
  }

  /// Replaces each value x by max(x, 0).
  public mutating func rectify() {
    values.withUnsafeMutableBufferPointer { values in
      for index in values.indices {
        values[index] = values[index] > 0 ? values[index] : 0
      }
    }
  }

  /// Adds `other`, of the same shape, in place.
  public mutating func add(_ other: Tensor) {
    precondition(shape == other.shape)
    other.values.withUnsafeBufferPointer { addend in
      values.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] += addend[index] }
      }
    }
  }
}

extension Tensor {
  /// Takes over the values of `other`, which has as many in any shape.
  public mutating func copyValues(of other: Tensor) {
    precondition(values.count == other.values.count)
    for index in values.indices { values[index] = other.values[index] }
  }

  /// The transpose of a matrix `[rows × columns]`.
  public func transposed() -> Tensor {
    let (rows, columns) = (shape[0], shape[1])
    var result = Tensor(zeros: [columns, rows])
    for row in 0..<rows {
      for column in 0..<columns { result.values[column * rows + row] = values[row * columns + column] }
    }
    return result
  }

  /// A convolution kernel `[out × in × height × width]`, as PyTorch stores it, in the order
  /// `[height × width × in × out]` of ``Convolution``.
  public func kernelFromOutputFirst() -> Tensor {
    let (outputs, inputs, height, width) = (shape[0], shape[1], shape[2], shape[3])
    var result = Tensor(zeros: [height, width, inputs, outputs])
    for output in 0..<outputs {
      for input in 0..<inputs {
        for position in 0..<height * width {
          result.values[(position * inputs + input) * outputs + output] =
            values[(output * inputs + input) * height * width + position]
        }
      }
    }
    return result
  }

  /// A convolution kernel `[… × in × out]` in the order `[out × in × …]`, as PyTorch stores it.
  public func kernelOutputFirst() -> Tensor {
    let (inputs, outputs) = (shape[shape.count - 2], shape[shape.count - 1])
    let taps = values.count / (inputs * outputs)
    var result = Tensor(zeros: [outputs, inputs] + shape.dropLast(2))
    for output in 0..<outputs {
      for input in 0..<inputs {
        for tap in 0..<taps {
          result.values[(output * inputs + input) * taps + tap] = values[(tap * inputs + input) * outputs + output]
        }
      }
    }
    return result
  }
}
