public import Platform

/// A convolution along time with zeros around, so that the length stays: `[batch × time × in]` becomes
/// `[batch × time × out]`.
public struct Convolution1D<Scalar: TrainingScalar>: Layer {
  /// `[taps × in × out]`
  public let kernel: Variable<Scalar>
  /// `[out]`
  public let bias: Variable<Scalar>?

  /// Weights and biases begin between ±1/√(taps × in).
  public init(_ inputs: Int, _ outputs: Int, taps: Int, hasBias: Bool = true, using generator: inout SeededGenerator) {
    kernel = Initialization.uniform([taps, inputs, outputs], inputs: taps * inputs, using: &generator)
    bias = hasBias ? Initialization.uniform([outputs], inputs: taps * inputs, using: &generator) : nil
  }

  /// From weights that are there.
  public init(kernel: DenseTensor<Scalar>, bias: DenseTensor<Scalar>?) {
    precondition(kernel.shape.count == 3 && (bias.map { $0.shape == [kernel.shape[2]] } ?? true))
    self.kernel = Variable(kernel, needsGradient: true)
    self.bias = bias.map { Variable($0, needsGradient: true) }
  }

  public var parameters: [Parameter<Scalar>] {
    [Parameter("kernel", kernel)] + (bias.map { [Parameter("bias", $0)] } ?? [])
  }

  public func apply(to input: Variable<Scalar>) -> Variable<Scalar> {
    input.convolved(kernel: kernel, bias: bias)
  }
}

/// A two-dimensional convolution: `[batch × height × width × in]` becomes `[batch × height × width × out]`, smaller by
/// what the padding does not make up for.
public struct Convolution2D<Scalar: TrainingScalar>: Layer {
  /// `[height × width × in × out]`
  public let kernel: Variable<Scalar>
  /// `[out]`
  public let bias: Variable<Scalar>?
  /// Zeros above and below, and on the left and the right.
  public let padding: (height: Int, width: Int)

  /// Weights and biases begin between ±1/√(height × width × in).
  public init(
    _ inputs: Int, _ outputs: Int, height: Int, width: Int, padding: (height: Int, width: Int) = (0, 0),
    hasBias: Bool = true, using generator: inout SeededGenerator
  ) {
    let count = height * width * inputs
    kernel = Initialization.uniform([height, width, inputs, outputs], inputs: count, using: &generator)
    bias = hasBias ? Initialization.uniform([outputs], inputs: count, using: &generator) : nil
    self.padding = padding
  }

  /// From weights that are there.
  public init(kernel: DenseTensor<Scalar>, bias: DenseTensor<Scalar>?, padding: (height: Int, width: Int) = (0, 0)) {
    precondition(kernel.shape.count == 4 && (bias.map { $0.shape == [kernel.shape[3]] } ?? true))
    self.kernel = Variable(kernel, needsGradient: true)
    self.bias = bias.map { Variable($0, needsGradient: true) }
    self.padding = padding
  }

  public var parameters: [Parameter<Scalar>] {
    [Parameter("kernel", kernel)] + (bias.map { [Parameter("bias", $0)] } ?? [])
  }

  public func apply(to input: Variable<Scalar>) -> Variable<Scalar> {
    input.convolved2D(kernel: kernel, bias: bias, padding: padding)
  }
}
