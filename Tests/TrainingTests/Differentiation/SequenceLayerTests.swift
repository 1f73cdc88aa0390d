import Platform
import TestSupport
import Testing
import Training

@Suite struct SequenceLayerTests {
  /// Values at the first two of five steps stay when the last step changes; those at the last do not.
  private func expectCausal(
    _ apply: (Variable<Double>) -> Variable<Double>, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var random = RandomTensors(seed: 9)
    let input = random.tensor([1, 5, 4])
    var changed = input
    changed.update { values in
      for index in 16..<20 { values[index] += 1 }
    }
    let (before, after) = (apply(Variable(input)).value, apply(Variable(changed)).value)
    let width = before.shape[2]
    #expect(before.values[..<(4 * width)] == after.values[..<(4 * width)], sourceLocation: sourceLocation)
    #expect(before.values[(4 * width)...] != after.values[(4 * width)...], sourceLocation: sourceLocation)
  }

  @Test func causalLayersDoNotLookAhead() {
    var generator = SeededGenerator(seed: 1)
    let attention = MultiHeadAttention<Double>(
      features: 4, heads: 2, pattern: AttentionPattern(isCausal: true), using: &generator)
    let gru = RecurrentStack<Double>(.gru, inputs: 4, hidden: 3, layers: 2, using: &generator)
    let lstm = RecurrentStack<Double>(.lstm, inputs: 4, hidden: 3, layers: 2, using: &generator)
    var pass = Pass.inference
    expectCausal { attention.apply(to: $0, pass: &pass) }
    expectCausal { gru.apply(to: $0, pass: &pass) }
    expectCausal { lstm.apply(to: $0, pass: &pass) }
  }

  @Test func aLimitedSpanForgetsWhatIsFartherAway() {
    var generator = SeededGenerator(seed: 1)
    let pattern = AttentionPattern(isCausal: true, span: 2)
    let attention = MultiHeadAttention<Double>(features: 4, heads: 1, pattern: pattern, using: &generator)
    var random = RandomTensors(seed: 2)
    let input = random.tensor([1, 4, 4])
    var pass = Pass.inference
    var changed = input
    changed.update { $0[0] += 1 }
    let before = attention.apply(to: Variable(input), pass: &pass).value.values
    let after = attention.apply(to: Variable(changed), pass: &pass).value.values
    #expect(before[0..<4] != after[0..<4] && before[4..<8] != after[4..<8])
    #expect(before[8...] == after[8...])
  }

  @Test func theSlopesOfTheDistanceBiasAreThoseOfThePaper() {
    let expected = [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625]
    #expect(AttentionPattern.slopes(heads: 8) == expected)
  }

  @Test func whatLiesBehindTheEndOfASequenceHasNoInfluence() {
    var generator = SeededGenerator(seed: 1)
    var random = RandomTensors(seed: 3)
    var pass = Pass.inference
    let input = random.tensor([2, 5, 4])
    let short = Variable(input).slice(axis: 1, 0..<3).slice(axis: 0, 1..<2)
    for cell in [RecurrentStack<Double>.Cell.lstm, .gru] {
      let stack = RecurrentStack<Double>(
        cell, inputs: 4, hidden: 3, layers: 2, isBidirectional: true, using: &generator)
      let padded = stack.apply(to: Variable(input), lengths: [5, 3], pass: &pass).slice(axis: 0, 1..<2)
      let expected = stack.apply(to: short, pass: &pass).value.values.map(Float.init)
      #expect(Difference(padded.slice(axis: 1, 0..<3).value.values.map(Float.init), expected).relativeToLargest < 1e-6)
      #expect(padded.slice(axis: 1, 3..<5).value.values.allSatisfy { $0 == 0 })
    }
    let attention = MultiHeadAttention<Double>(features: 4, heads: 2, using: &generator)
    let padded = attention.apply(to: Variable(input), lengths: [5, 3], pass: &pass).slice(axis: 0, 1..<2)
    let expected = attention.apply(to: short, pass: &pass).value.values.map(Float.init)
    #expect(Difference(padded.slice(axis: 1, 0..<3).value.values.map(Float.init), expected).relativeToLargest < 1e-6)
  }

  @Test func dropoutActsInTrainingOnly() {
    var generator = SeededGenerator(seed: 1)
    var random = RandomTensors(seed: 4)
    let input = Variable(random.tensor([2, 5, 4]))
    func outputs(_ apply: (inout Pass) -> Variable<Double>) -> (DenseTensor<Double>, DenseTensor<Double>) {
      var (inference, training) = (Pass.inference, Pass.training(SeededGenerator(seed: 1)))
      return (apply(&inference).value, apply(&training).value)
    }
    for dropout in [0, 0.5] {
      let attention = MultiHeadAttention<Double>(features: 4, heads: 2, dropout: dropout, using: &generator)
      let attended = outputs { attention.apply(to: input, pass: &$0) }
      #expect((attended.0 == attended.1) == (dropout == 0))
      // Between the layers only: a single layer has none.
      for layers in 1...2 {
        let stack = RecurrentStack<Double>(
          .gru, inputs: 4, hidden: 3, layers: layers, dropout: dropout, using: &generator)
        let states = outputs { stack.apply(to: input, pass: &$0) }
        #expect((states.0 == states.1) == (dropout == 0 || layers == 1))
      }
    }
  }

  @Test func positionsAreSinesAndCosines() {
    let table = SinusoidalPositions.table(positions: 2, features: 4, first: 1) as DenseTensor<Float>
    // sin 1, cos 1, sin 0.01, cos 0.01; sin 2, cos 2, sin 0.02, cos 0.02.
    let expected: [Float] = [
      0.841_470_98, 0.540_302_3, 0.009_999_833, 0.999_95, 0.909_297_4, -0.416_146_84, 0.019_998_667, 0.999_8,
    ]
    #expect(Difference(table.values, expected).relativeToLargest < 1e-6)
    let input = Variable<Float>(DenseTensor(repeating: 1, shape: [2, 3, 4]))
    let sum = SinusoidalPositions.add(to: input).value
    #expect(Array(sum.values[12..<16]) == [1, 2, 1, 2])
    #expect(Difference(Array(sum.values[16...]), expected.map { $0 + 1 }).relativeToLargest < 1e-6)
  }

  @Test func stepsBeyondTheLastShareItsEmbedding() {
    var generator = SeededGenerator(seed: 1)
    let embedding = TimeEmbedding<Double>(steps: 3, features: 2, using: &generator)
    let rows = embedding.table.value.values
    let output = embedding.apply(to: Variable(DenseTensor(zeros: [1, 4, 2])), first: 1).value.values
    #expect(output[..<4] == rows[2..<6])
    #expect(Array(output[4..<6]) == Array(rows[4..<6]) && Array(output[6..<8]) == Array(rows[4..<6]))
  }

  @Test func anEmbeddingBeginsNormallyDistributed() {
    var generator = SeededGenerator(seed: 1)
    let values = TimeEmbedding<Double>(steps: 200, features: 100, deviation: 0.5, using: &generator).table.value.values
    let mean = values.reduce(0, +) / 20_000
    let squares = values.map { ($0 - mean) * ($0 - mean) }
    let deviation = (squares.reduce(0, +) / 20_000).squareRoot()
    let inside = Double(values.filter { abs($0) < 0.5 }.count) / 20_000
    #expect(abs(mean) < 0.02)
    #expect(abs(deviation - 0.5) < 0.015)
    #expect(abs(inside - 0.6827) < 0.02)
  }

  @Test func layersBeginWithinTheBoundsOfPyTorch() {
    var generator = SeededGenerator(seed: 1)
    func expectUniform(_ variable: Variable<Double>, _ bound: Double) {
      let largest = variable.value.values.map(abs).max() ?? 0
      #expect(largest <= bound && largest > 0.97 * bound)
      let mean = variable.value.values.reduce(0, +) / Double(variable.value.count)
      #expect(abs(mean) < 0.2 * bound)
    }
    let linear = DenseLayer<Double>(16, 25, using: &generator)
    expectUniform(linear.weight, 0.25)
    expectUniform(Convolution1D<Double>(4, 100, taps: 4, using: &generator).kernel, 0.25)
    expectUniform(Convolution2D<Double>(4, 100, height: 2, width: 2, using: &generator).kernel, 0.25)
    let lstm = RecurrentStack<Double>(.lstm, inputs: 3, hidden: 16, using: &generator)
    for parameter in lstm.parameters where parameter.variable.value.count > 100 {
      expectUniform(parameter.variable, 0.25)
    }
    let attention = MultiHeadAttention<Double>(features: 24, heads: 2, using: &generator)
    expectUniform(attention.projection.weight, 0.25)
    expectUniform(attention.output.weight, 1 / 24.0.squareRoot())
    #expect(attention.parameters.map(\.name) == ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"])
  }
}
