public import Platform

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

/// How parameters begin.
enum Initialization {
  /// Numbers between -`bound` and `bound`, as a parameter.
  static func uniform<Scalar>(
    _ shape: [Int], bound: Double, using generator: inout SeededGenerator
  ) -> Variable<Scalar> {
    let values = (0..<shape.reduce(1, *)).map { _ in Scalar((2 * generator.uniform() - 1) * bound) }
    return Variable(DenseTensor(shape: shape, values: values), needsGradient: true)
  }

  /// As PyTorch does it for linear layers and convolutions: between ±1/√`inputs`.
  static func uniform<Scalar>(
    _ shape: [Int], inputs: Int, using generator: inout SeededGenerator
  ) -> Variable<Scalar> {
    uniform(shape, bound: 1 / Double(inputs).squareRoot(), using: &generator)
  }

  static func constant<Scalar>(_ value: Scalar, _ shape: [Int]) -> Variable<Scalar> {
    Variable(DenseTensor(repeating: value, shape: shape), needsGradient: true)
  }
}

/// Sets values to 0 with probability `rate` while training, see ``Variable/dropout(rate:using:)``.
public struct Dropout: Sendable {
  /// 0 or more, less than 1.
  public let rate: Double

  public init(rate: Double) {
    precondition(0 <= rate && rate < 1)
    self.rate = rate
  }

  public func apply<Scalar>(to input: Variable<Scalar>, pass: inout Pass) -> Variable<Scalar> {
    pass.dropout(input, rate: rate)
  }
}
