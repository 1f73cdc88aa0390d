import Platform
import Testing
import Training

/// The gradients of what works on sequences against central differences, over random shapes.
@Suite struct SequenceGradientTests {
  @Test(arguments: 0..<5)
  func softmax(seed: Int) {
    var random = RandomTensors(seed: seed)
    let (batch, rows, columns) = (random.integer(1...3), random.integer(1...4), random.integer(1...5))
    let input = [random.tensor([batch, rows, columns], in: -3...3)]
    checkGradients(of: input) { $0[0].softmax() }
    var mask = random.tensor([rows, columns])
    mask.update { values in
      for index in stride(from: 1, to: values.count, by: 3) { values[index] = -.infinity }
    }
    checkGradients(of: input) { $0[0].softmax(mask: mask) }
  }

  @Test(arguments: 0..<5)
  func layerNormalization(seed: Int) {
    var random = RandomTensors(seed: seed)
    let features = random.integer(2...6)
    let input = random.tensor(random.shape(random.integer(1...2)) + [features])
    checkGradients(of: [input, random.tensor([features]), random.tensor([features])]) {
      $0[0].layerNormalized(epsilon: 0.01, scale: $0[1], offset: $0[2])
    }
  }

  @Test(arguments: 0..<10)
  func recurrentLayers(seed: Int) {
    var random = RandomTensors(seed: seed)
    let (batch, time) = (random.integer(1...3), random.integer(1...5))
    let (inputs, hidden) = (random.integer(1...3), random.integer(1...3))
    let lengths = (0..<batch).map { _ in random.integer(0...time) }
    for gates in [3, 4] {
      let width = gates * hidden
      let tensors = [
        random.tensor([batch, time, inputs]), random.tensor([width, inputs]), random.tensor([width, hidden]),
        random.tensor([width]), random.tensor([width]),
      ]
      for isReversed in [false, true] {
        for lengths in [nil, lengths] {
          checkGradients(of: tensors) { variables in
            let weights = RecurrentWeights(
              input: variables[1], recurrent: variables[2], inputBias: variables[3], recurrentBias: variables[4])
            return gates == 4
              ? variables[0].lstm(weights, lengths: lengths, isReversed: isReversed)
              : variables[0].gru(weights, lengths: lengths, isReversed: isReversed)
          }
        }
      }
    }
  }

  @Test(arguments: [AttentionPattern.full, AttentionPattern(isCausal: true, span: 2, hasDistanceBias: true)])
  func attention(pattern: AttentionPattern) {
    var random = RandomTensors(seed: 3)
    var generator = SeededGenerator(seed: 5)
    let layer = MultiHeadAttention<Double>(features: 4, heads: 2, pattern: pattern, dropout: 0.3, using: &generator)
    for lengths in [nil, [4, 2]] {
      checkGradients(of: [random.tensor([2, 4, 4])], parameters: layer.parameters) {
        var pass = Pass.training(SeededGenerator(seed: 7))
        return layer.apply(to: $0[0], lengths: lengths, pass: &pass)
      }
    }
  }
}
