internal import Glibc

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
