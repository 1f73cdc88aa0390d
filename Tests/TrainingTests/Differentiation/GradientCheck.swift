import Platform
import Testing
import Training

/// Random tensors of a test, in double precision.
struct RandomTensors {
  var generator: SeededGenerator

  init(seed: Int) { generator = SeededGenerator(seed: UInt64(seed)) }

  mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// A shape of `count` dimensions, 1...`largest` each.
  mutating func shape(_ count: Int, largest: Int = 5) -> [Int] { (0..<count).map { _ in integer(1...largest) } }

  mutating func tensor(_ shape: [Int], in range: ClosedRange<Double> = -1...1) -> DenseTensor<Double> {
    DenseTensor(
      shape: shape,
      values: (0..<shape.reduce(1, *)).map { _ in Double.random(in: range, using: &generator) })
  }

  mutating func single(_ shape: [Int]) -> DenseTensor<Float> {
    let values = tensor(shape)
    return DenseTensor(shape: shape, values: values.values.map(Float.init))
  }
}

/// Compares the gradients of `function` for each of `inputs`, and for `parameters` that it uses, with central
/// differences.
///
/// The result may have any shape: its values are weighted and summed up, with weights that differ from value to value.
func checkGradients(
  of inputs: [DenseTensor<Double>], parameters: [Parameter<Double>] = [],
  sourceLocation: SourceLocation = #_sourceLocation, _ function: ([Variable<Double>]) -> Variable<Double>
) {
  let variables = inputs.map { Variable($0, needsGradient: true) }
  func loss() -> Variable<Double> {
    let result = function(variables)
    var random = RandomTensors(seed: 4711)
    return (result * Variable(random.tensor(result.shape, in: 0.5...1.5))).sum()
  }
  parameters.clearGradients()
  loss().backward()
  let leaves = variables.enumerated().map { Parameter("input \($0.offset)", $0.element) } + parameters
  #expect(leaves.contains { !$0.variable.value.values.isEmpty }, "nothing to check", sourceLocation: sourceLocation)
  for leaf in leaves {
    let variable = leaf.variable
    guard let gradient = variable.gradient else {
      Issue.record("\(leaf.name) got no gradient", sourceLocation: sourceLocation)
      continue
    }
    #expect(gradient.shape == variable.shape, sourceLocation: sourceLocation)
    for index in variable.value.values.indices {
      let value = variable.value.values[index]
      func shiftedLoss(_ value: Double) -> Double {
        variable.value.update { $0[index] = value }
        return leaves.withoutGradients { loss().value.scalar }
      }
      let step = 1e-5
      let expected = (shiftedLoss(value + step) - shiftedLoss(value - step)) / (2 * step)
      variable.value.update { $0[index] = value }
      let difference = abs(gradient.values[index] - expected)
      #expect(
        difference <= 1e-6 * max(1, abs(expected)),
        "\(leaf.name), value \(index): \(gradient.values[index]) instead of \(expected)",
        sourceLocation: sourceLocation)
    }
  }
}
