import Platform
import Testing
import Training

/// Layers of convolutional networks: their gradients against central differences, their values against plain loops.
@Suite struct ImageLayerTests {
  @Test(arguments: 0..<5)
  func theGradientsOfGatesAreTheirSlopes(seed: Int) {
    var random = RandomTensors(seed: seed)
    let channels = random.integer(1...5)
    let layer = ChannelGates<Double>(channels, ratio: 2, using: &random.generator)
    #expect(layer.reduce.weight.shape == [max(1, channels / 2), channels])
    let maps = random.tensor([random.integer(1...3), random.integer(1...4), random.integer(1...4), channels])
    checkGradients(of: [maps], parameters: layer.parameters) { layer.apply(to: $0[0]) }
  }

  @Test(arguments: 0..<5)
  func theGradientsOfAttentionAreItsSlopes(seed: Int) {
    var random = RandomTensors(seed: seed)
    let features = random.integer(1...5)
    let layer = AttentionPooling<Double>(features, using: &random.generator)
    let states = random.tensor([random.integer(1...3), random.integer(2...5), features], in: -3...3)
    checkGradients(of: [states], parameters: layer.parameters) { layer.apply(to: $0[0]) }
  }

  @Test func gatesFollowFromTheMeansOfTheirOwnMap() {
    var random = RandomTensors(seed: 1)
    let layer = ChannelGates<Double>(3, ratio: 8, using: &random.generator)
    let maps = random.tensor([2, 3, 4, 3])
    let values = layer.apply(to: Variable(maps)).value.values
    let both = layer.parameters.map(\.variable.value.values)
    for map in 0..<2 {
      let own = Array(maps.values[map * 36..<(map + 1) * 36])
      let means = (0..<3).map { channel in (0..<12).reduce(0.0) { $0 + own[3 * $1 + channel] } / 12 }
      let narrow = max(0, both[1][0] + (0..<3).reduce(0.0) { $0 + both[0][$1] * means[$1] })
      for (index, value) in own.enumerated() {
        let gate: Double = 1 / (1 + Double.exponential(-(both[3][index % 3] + both[2][index % 3] * narrow)))
        #expect(abs(values[map * 36 + index] - value * gate) < 1e-12)
      }
    }
  }

  @Test func attentionIsAMeanOfTheStates() {
    var random = RandomTensors(seed: 2)
    let layer = AttentionPooling<Double>(2, using: &random.generator)
    // Equal states stay as they are; a state with a far higher score counts alone.
    let equal = DenseTensor(shape: [1, 3, 2], values: [1.0, 2, 1, 2, 1, 2])
    let same = layer.apply(to: Variable(equal)).value
    #expect(same.shape == [1, 2] && abs(same.values[0] - 1) < 1e-12 && abs(same.values[1] - 2) < 1e-12)
    layer.score.weight.value = DenseTensor(shape: [1, 2], values: [1000, 0])
    let states = DenseTensor(shape: [1, 3, 2], values: [0, 1, 1, 2, 0, 3])
    #expect(layer.apply(to: Variable(states)).value.values == [1, 2])
  }
}
