public import Platform

/// A fully connected layer, `y = x Wᵀ + b`: `[… × in]` becomes `[… × out]`.
public struct DenseLayer<Scalar: TrainingScalar>: Layer {
  /// `[out × in]`
  public let weight: Variable<Scalar>
  /// `[out]`
  public let bias: Variable<Scalar>?

  /// Weights and biases begin between ±1/√in.
  public init(_ inputs: Int, _ outputs: Int, hasBias: Bool = true, using generator: inout SeededGenerator) {
    weight = Initialization.uniform([outputs, inputs], inputs: inputs, using: &generator)
    bias = hasBias ? Initialization.uniform([outputs], inputs: inputs, using: &generator) : nil
  }

  /// From weights that are there.
  public init(weight: DenseTensor<Scalar>, bias: DenseTensor<Scalar>?) {
    precondition(weight.shape.count == 2 && (bias.map { $0.shape == [weight.shape[0]] } ?? true))
    self.weight = Variable(weight, needsGradient: true)
    self.bias = bias.map { Variable($0, needsGradient: true) }
  }

  public var parameters: [Parameter<Scalar>] {
    [Parameter("weight", weight)] + (bias.map { [Parameter("bias", $0)] } ?? [])
  }

  public func apply(to input: Variable<Scalar>) -> Variable<Scalar> {
    input.linear(weight: weight, bias: bias)
  }
}
