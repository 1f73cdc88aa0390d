/// Layer normalisation along the last dimension (Ba, Kiros and Hinton, 2016).
public struct LayerNormalizationLayer<Scalar: TrainingScalar>: Layer {
  /// `[features]`, gamma.
  public let scale: Variable<Scalar>
  /// `[features]`, beta.
  public let offset: Variable<Scalar>
  public let epsilon: Scalar

  /// Scale 1 and offset 0.
  public init(_ features: Int, epsilon: Scalar = 1e-5) {
    scale = Initialization.constant(1, [features])
    offset = Initialization.constant(0, [features])
    self.epsilon = epsilon
  }

  public var parameters: [Parameter<Scalar>] { [Parameter("weight", scale), Parameter("bias", offset)] }

  public func apply(to input: Variable<Scalar>) -> Variable<Scalar> {
    input.layerNormalized(epsilon: epsilon, scale: scale, offset: offset)
  }
}
