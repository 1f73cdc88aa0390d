public import NeuralNetwork

/// A dense array of numbers, row-major: the last dimension lies together in memory. No dimension is 0.
public struct DenseTensor<Scalar: TrainingScalar>: Sendable, Equatable {
  public let shape: [Int]
  public internal(set) var values: [Scalar]

  /// - Precondition: `values` holds as many numbers as `shape` says, at least one.
  public init(shape: [Int], values: [Scalar]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill \(shape)")
    precondition(!values.isEmpty, "a tensor of shape \(shape) is empty")
    self.shape = shape
    self.values = values
  }

  public init(repeating value: Scalar, shape: [Int]) {
    self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
  }

  public init(zeros shape: [Int]) { self.init(repeating: 0, shape: shape) }

  /// A single number, of shape `[]`.
  public init(_ value: Scalar) { self.init(shape: [], values: [value]) }

  /// A tensor whose values `body` writes, each of them.
  init(shape: [Int], writtenBy body: (UnsafeMutablePointer<Scalar>) -> Void) {
    let count = shape.reduce(1, *)
    precondition(count > 0, "a tensor of shape \(shape) is empty")
    self.shape = shape
    values = Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      body(buffer.baseAddress!)  // not empty
      initialized = count
    }
  }

  public var count: Int { values.count }

  /// The only number of a tensor that has one.
  public var scalar: Scalar {
    precondition(values.count == 1, "a tensor of shape \(shape) is not a single number")
    return values[0]
  }

  /// Lets `body` change the values in place.
  public mutating func update(_ body: (inout [Scalar]) -> Void) {
    body(&values)
    precondition(values.count == shape.reduce(1, *), "a tensor keeps its size")
  }

  /// The same values in another shape.
  public func reshaped(_ shape: [Int]) -> DenseTensor { DenseTensor(shape: shape, values: values) }

  /// Length of the last dimension.
  var channels: Int { shape.last ?? 1 }

  /// The dimensions before `axis`, that of `axis` and those after it, each multiplied together.
  func extents(around axis: Int) -> (outer: Int, length: Int, inner: Int) {
    precondition(shape.indices.contains(axis), "\(shape) has no axis \(axis)")
    return (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
  }

  @inline(__always)
  func withPointer(_ body: (UnsafePointer<Scalar>) -> Void) {
    values.withUnsafeBufferPointer { body($0.baseAddress!) }  // not empty
  }

  @inline(__always)
  mutating func withMutablePointer(_ body: (UnsafeMutablePointer<Scalar>) -> Void) {
    values.withUnsafeMutableBufferPointer { body($0.baseAddress!) }  // not empty
  }

  /// Adds `factor` × `other`, of as many values, in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func add(_ other: DenseTensor, times factor: Scalar = 1) {
    let count = values.count
    precondition(other.count == count)
    withMutablePointer { target in
      other.withPointer { source in
        for index in 0..<count { target[index] += factor * source[index] }
      }
    }
  }
}

extension DenseTensor where Scalar == Float {
  public init(_ tensor: Tensor) { self.init(shape: tensor.shape, values: tensor.values) }

  public var tensor: Tensor { Tensor(shape: shape, values: values) }
}

extension DenseTensor where Scalar == Double {
  public init(_ tensor: Tensor) { self.init(shape: tensor.shape, values: tensor.values.map(Double.init)) }

  public var tensor: Tensor { Tensor(shape: shape, values: values.map(Float.init)) }
}
