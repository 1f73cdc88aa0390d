internal import Glibc
public import Platform

/// The encoding of positions by sines and cosines (Vaswani et al., "Attention is all you need", 2017): feature 2i of
/// position t is sin(t / 10000^(2i / features)), feature 2i + 1 the cosine of the same.
public enum SinusoidalPositions {
  /// `[positions × features]` for the positions from `first` on.
  public static func table<Scalar: TrainingScalar>(
    positions: Int, features: Int, first: Int = 0
  ) -> DenseTensor<Scalar> {
    let values = (first..<first + positions).flatMap { position in
      (0..<features).map { feature in
        let angle = Double(position) / pow(10_000, Double(feature / 2 * 2) / Double(features))
        return Scalar(feature.isMultiple(of: 2) ? sin(angle) : cos(angle))
      }
    }
    return DenseTensor(shape: [positions, features], values: values)
  }

  /// Adds the encoding to `[batch × time × features]`.
  public static func add<Scalar>(to input: Variable<Scalar>) -> Variable<Scalar> {
    precondition(input.shape.count == 3)
    return input + Variable(table(positions: input.shape[1], features: input.shape[2]))
  }
}

/// A learned vector for each step of time, which is added to what is there at that step. Steps beyond the last share
/// its vector.
public struct TimeEmbedding<Scalar: TrainingScalar>: Layer {
  /// `[steps × features]`
  public let table: Variable<Scalar>

  /// Normally distributed numbers with standard deviation `deviation`; PyTorch's embeddings begin with 1.
  public init(steps: Int, features: Int, deviation: Double = 1, using generator: inout SeededGenerator) {
    let values = (0..<steps * features).map { _ in
      Scalar(deviation * generator.normal())
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
