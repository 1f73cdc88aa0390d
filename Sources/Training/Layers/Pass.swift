/// A pass through a network: for training, with random numbers for dropout, or for inference.
public struct Pass: Sendable {
  private var generator: SeededGenerator?

  /// Dropout does nothing, batch normalisation uses its running averages.
  public static let inference = Pass()

  public static func training(_ generator: SeededGenerator) -> Pass {
    var pass = Pass()
    pass.generator = generator
    return pass
  }

  public var isTraining: Bool { generator != nil }

  /// Dropout of `variable` in training.
  mutating func dropout<Scalar>(_ variable: Variable<Scalar>, rate: Double) -> Variable<Scalar> {
    guard var random = generator else { return variable }
    defer { generator = random }
    return variable.dropout(rate: rate, using: &random)
  }
}
