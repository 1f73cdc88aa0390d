/// A part of a network, with what a model file has to keep of it.
public protocol Layer<Scalar> {
  associatedtype Scalar: TrainingScalar

  /// What is trained.
  var parameters: [Parameter<Scalar>] { get }

  /// What is not trained but belongs to the model: running averages.
  var state: [Parameter<Scalar>] { get }
}

extension Layer {
  public var state: [Parameter<Scalar>] { [] }
}
