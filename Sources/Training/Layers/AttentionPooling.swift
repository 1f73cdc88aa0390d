public import Platform

/// The mean of the states of a sequence, weighted by the softmax over time of a number that is read off each:
/// `[batch × time × features]` becomes `[batch × features]`.
public struct AttentionPooling<Scalar: TrainingScalar>: Layer {
  /// From a state to its score.
  public let score: DenseLayer<Scalar>

  public init(_ features: Int, using generator: inout SeededGenerator) {
    score = DenseLayer(features, 1, using: &generator)
  }

  public var parameters: [Parameter<Scalar>] { score.parameters }

  public func apply(to states: Variable<Scalar>) -> Variable<Scalar> {
    let (batch, time, features) = (states.shape[0], states.shape[1], states.shape[2])
    let weights = score.apply(to: states).reshaped([batch, time]).softmax()
    return weights.reshaped([batch, 1, time]).matrixProduct(states).reshaped([batch, features])
  }
}
