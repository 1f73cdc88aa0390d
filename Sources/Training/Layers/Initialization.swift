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
