internal import Glibc

/// A learned vector for each step of time, which is added to what is there at that step. Steps beyond the last share
/// its vector.
public struct TimeEmbedding<Scalar: TrainingScalar>: Layer {
  /// `[steps × features]`
  public let table: Variable<Scalar>

  /// Normally distributed numbers with standard deviation `deviation`; PyTorch's embeddings begin with 1.
  public init(steps: Int, features: Int, deviation: Double = 1, using generator: inout SeededGenerator) {
    let values = (0..<steps * features).map { _ in
      // Box and Muller, "A note on the generation of random normal deviates", 1958.
      let radius = (-2 * log(1 - generator.uniform())).squareRoot()
      return Scalar(deviation * radius * cos(2 * .pi * generator.uniform()))
    }
    table = Variable(DenseTensor(shape: [steps, features], values: values), needsGradient: true)
  }

  public var parameters: [Parameter<Scalar>] { [Parameter("weight", table)] }

  /// Adds the vectors of the steps from `first` on to `[batch × time × features]`.
  public func apply(to input: Variable<Scalar>, first: Int = 0) -> Variable<Scalar> {
    precondition(input.shape.count == 3 && input.shape[2] == table.shape[1])
    return input + table.rows((first..<first + input.shape[1]).map { min($0, table.shape[0] - 1) })
  }
}
