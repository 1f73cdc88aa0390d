import Platform
import Testing
import Training

/// The gradient of each operation against central differences, over random shapes.
@Suite struct OperationGradientTests {
  @Test(arguments: 0..<10)
  func arithmetic(seed: Int) {
    var random = RandomTensors(seed: seed)
    let shape = random.shape(random.integer(1...4))
    // The same shape, the last dimensions, the first ones, one in the middle, a single number.
    let axis = random.integer(0...shape.count - 1)
    let first = shape.enumerated().map { $0.offset <= axis ? $0.element : 1 }
    let middle = shape.enumerated().map { $0.offset == axis ? $0.element : 1 }
    for other in [shape, Array(shape[axis...]), first, middle, [], [1]] {
      let inputs = [random.tensor(shape), random.tensor(other, in: 0.5...2)]
      checkGradients(of: inputs) { $0[0] + $0[1] }
      checkGradients(of: inputs) { $0[1] + $0[0] }
      checkGradients(of: inputs) { $0[0] - $0[1] }
      checkGradients(of: inputs) { $0[1] - $0[0] }
      checkGradients(of: inputs) { $0[0] * $0[1] }
      checkGradients(of: inputs) { $0[1] * $0[0] }
      checkGradients(of: inputs) { $0[0] / $0[1] }
    }
    let input = [random.tensor(shape, in: 0.5...2)]
    checkGradients(of: input) { -$0[0] + 3 }
    checkGradients(of: input) { 2 - $0[0] * 3 }
    checkGradients(of: input) { 2 / ($0[0] / 5) - 1 }
  }

  @Test(arguments: 0..<5)
  func elementwiseFunctions(seed: Int) {
    var random = RandomTensors(seed: seed)
    let shape = random.shape(random.integer(0...3))
    let input = [random.tensor(shape, in: -3...3)]
    let positive = [random.tensor(shape, in: 0.2...3)]
    checkGradients(of: input) { $0[0].exponential() }
    checkGradients(of: positive) { $0[0].logarithm() }
    checkGradients(of: input) { $0[0].squared() }
    checkGradients(of: positive) { $0[0].squareRoot() }
    checkGradients(of: positive) { $0[0].reciprocal() }
    checkGradients(of: input) { $0[0].relu() }
    checkGradients(of: input) { $0[0].gelu() }
    checkGradients(of: input) { $0[0].tanh() }
    checkGradients(of: input) { $0[0].sigmoid() }
  }

  @Test(arguments: 0..<10)
  func matrixProducts(seed: Int) {
    var random = RandomTensors(seed: seed)
    let (rows, depth, columns) = (random.integer(1...5), random.integer(1...5), random.integer(1...5))
    let front = random.shape(random.integer(0...2), largest: 3)
    let left = random.tensor(front + [rows, depth])
    let (right, transposed) = (random.tensor([depth, columns]), random.tensor([columns, depth]))
    checkGradients(of: [left, right]) { $0[0].matrixProduct($0[1]) }
    checkGradients(of: [left, transposed]) { $0[0].matrixProduct($0[1], transposingRight: true) }
    let (stack, transposedStack) = (random.tensor(front + [depth, columns]), random.tensor(front + [columns, depth]))
    checkGradients(of: [left, stack]) { $0[0].matrixProduct($0[1]) }
    checkGradients(of: [left, transposedStack]) { $0[0].matrixProduct($0[1], transposingRight: true) }
    checkGradients(of: [left, transposed, random.tensor([columns])]) { $0[0].linear(weight: $0[1], bias: $0[2]) }
    checkGradients(of: [left, transposed]) { $0[0].linear(weight: $0[1], bias: nil) }
  }

  @Test(arguments: 0..<10)
  func reductions(seed: Int) {
    var random = RandomTensors(seed: seed)
    let shape = random.shape(random.integer(1...4))
    let input = [random.tensor(shape)]
    checkGradients(of: input) { $0[0].sum() }
    checkGradients(of: input) { $0[0].mean() }
    for axis in shape.indices {
      checkGradients(of: input) { $0[0].sum(axis: axis) }
      checkGradients(of: input) { $0[0].mean(axis: axis) }
      checkGradients(of: input) { $0[0].maximum(axis: axis) }
    }
  }

  @Test(arguments: 0..<10)
  func shapes(seed: Int) {
    var random = RandomTensors(seed: seed)
    let shape = random.shape(random.integer(1...4))
    let input = [random.tensor(shape)]
    checkGradients(of: input) { $0[0].reshaped([shape.reduce(1, *), 1]) }
    for axis in shape.indices {
      for other in shape.indices { checkGradients(of: input) { $0[0].transposed(axis, other) } }
      let lower = random.integer(0...shape[axis] - 1)
      let range = lower..<random.integer(lower + 1...shape[axis])
      // Twice, so that gradients add up.
      checkGradients(of: input) { $0[0].slice(axis: axis, range) * $0[0].slice(axis: axis, range) }
      var longer = shape
      longer[axis] += 2
      checkGradients(of: input + [random.tensor(longer)]) {
        Variable.concatenated([$0[0], $0[1], $0[0]], axis: axis)
      }
    }
    let indices = (0..<random.integer(1...6)).map { _ in random.integer(0...shape[0] - 1) }
    checkGradients(of: input) { $0[0].rows(indices) }
  }

  @Test(arguments: 0..<10)
  func convolutionAlongTime(seed: Int) {
    var random = RandomTensors(seed: seed)
    let (batch, time, taps) = (random.integer(1...3), random.integer(1...6), random.integer(1...8))
    let (inputs, outputs) = (random.integer(1...4), random.integer(1...4))
    let tensors = [
      random.tensor([batch, time, inputs]), random.tensor([taps, inputs, outputs]), random.tensor([outputs]),
    ]
    checkGradients(of: tensors) { $0[0].convolved(kernel: $0[1], bias: $0[2]) }
    checkGradients(of: Array(tensors[..<2])) { $0[0].convolved(kernel: $0[1], bias: nil) }
  }

  @Test(arguments: 0..<10)
  func convolutionOfImages(seed: Int) {
    var random = RandomTensors(seed: seed)
    let (batch, inputs, outputs) = (random.integer(1...3), random.integer(1...2), random.integer(1...3))
    let kernel = [random.integer(1...3), random.integer(1...4), inputs, outputs]
    let padding = (height: random.integer(0...2), width: random.integer(0...3))
    let (height, width) = (random.integer(3...4), random.integer(4...5))
    let tensors = [
      random.tensor([batch, height, width, inputs]), random.tensor(kernel), random.tensor([outputs]),
    ]
    checkGradients(of: tensors) { $0[0].convolved2D(kernel: $0[1], bias: $0[2], padding: padding) }
    checkGradients(of: Array(tensors[..<2])) { $0[0].convolved2D(kernel: $0[1], bias: nil) }
  }

  @Test(arguments: 0..<5)
  func pooling(seed: Int) {
    var random = RandomTensors(seed: seed)
    let (batch, time, channels) = (random.integer(1...3), random.integer(3...7), random.integer(1...3))
    let window = random.integer(1...3)
    let sequences = [random.tensor([batch, time, channels])]
    checkGradients(of: sequences) { $0[0].maximumPooled(window) }
    checkGradients(of: sequences) { $0[0].meanPooled(window) }
    let images = [random.tensor([batch, time, random.integer(2...5), channels])]
    checkGradients(of: images) { $0[0].maximumPooled(height: window, width: 2) }
    checkGradients(of: images) { $0[0].meanPooled(height: window, width: 2) }
  }

  @Test(arguments: 0..<5)
  func channels(seed: Int) {
    var random = RandomTensors(seed: seed)
    let (batch, channels) = (random.integer(1...3), random.integer(1...4))
    let maps = random.tensor([batch] + random.shape(random.integer(0...2)) + [channels])
    checkGradients(of: [maps, random.tensor([batch, channels])]) { $0[0].scaledChannels(by: $0[1]) }
  }

  @Test(arguments: 0..<5)
  func batchNormalization(seed: Int) {
    var random = RandomTensors(seed: seed)
    let channels = random.integer(1...4)
    let input = random.tensor(random.shape(random.integer(1...2)) + [3, channels])
    let (scale, offset) = (random.tensor([channels]), random.tensor([channels]))
    let (mean, variance) = (random.tensor([channels]), random.tensor([channels], in: 0.5...2))
    checkGradients(of: [input, scale, offset]) {
      $0[0].normalized(mean: mean, variance: variance, epsilon: 0.1, scale: $0[1], offset: $0[2])
    }
    checkGradients(of: [input, scale, offset]) {
      $0[0].batchNormalized(epsilon: 0.1, scale: $0[1], offset: $0[2]).normalized
    }
  }

  @Test(arguments: 0..<3)
  func dropout(seed: Int) {
    var random = RandomTensors(seed: seed)
    let input = random.tensor([7, 5])
    checkGradients(of: [input]) { variables in
      var generator = SeededGenerator(seed: UInt64(seed))
      return variables[0].dropout(rate: 0.4, using: &generator).squared()
    }
  }
}
