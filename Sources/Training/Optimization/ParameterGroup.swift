/// Parameters that are trained alike.
public struct ParameterGroup<Scalar: TrainingScalar> {
  public let parameters: [Parameter<Scalar>]
  /// By what the learning rate is multiplied here.
  public let learningRateFactor: Double
  /// λ of the penalty on large weights, see ``Adam/WeightDecay``.
  public let weightDecay: Double

  public init(_ parameters: [Parameter<Scalar>], learningRateFactor: Double = 1, weightDecay: Double = 0) {
    precondition(learningRateFactor >= 0 && weightDecay >= 0)
    self.parameters = parameters
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }
}
