import Platform
import Testing
import Training

/// A small network of all kinds of layers, trained for some steps.
@Suite struct TrainingDeterminismTests {
  private struct Network {
    let convolution: Convolution1D<Float>
    let normalization = BatchNormalizationLayer<Float>(6)
    let recurrent: RecurrentStack<Float>
    let attention: MultiHeadAttention<Float>
    let head: DenseLayer<Float>

    init(using generator: inout SeededGenerator) {
      convolution = Convolution1D(4, 6, taps: 3, using: &generator)
      recurrent = RecurrentStack(
        .gru, inputs: 6, hidden: 4, layers: 2, isBidirectional: true, dropout: 0.1, using: &generator)
      attention = MultiHeadAttention(features: 8, heads: 2, dropout: 0.1, using: &generator)
      head = DenseLayer(8, 2, using: &generator)
    }

    var parameters: [Parameter<Float>] {
      convolution.parameters + normalization.parameters + recurrent.parameters + attention.parameters
        + head.parameters
    }

    func apply(to input: Variable<Float>, pass: inout Pass) -> Variable<Float> {
      let local = normalization.apply(to: convolution.apply(to: input).relu(), pass: pass)
      let states = recurrent.apply(to: local, pass: &pass)
      return head.apply(to: (states + attention.apply(to: states, pass: &pass)).mean(axis: 1))
    }
  }

  /// The parameters and the losses of a training.
  private func train(seed: UInt64) -> (parameters: [DenseTensor<Float>], losses: [Float]) {
    var data = RandomTensors(seed: 1)
    let input = Variable(data.single([16, 7, 4]))
    let target = Variable(data.single([16, 2]))
    var generator = SeededGenerator(seed: seed)
    let network = Network(using: &generator)
    var optimizer = Adam([ParameterGroup(network.parameters, weightDecay: 1e-3)])
    var pass = Pass.training(generator.split())
    let schedule = LearningRateSchedule.oneCycle()
    let losses = (0..<60).map { step in
      let loss = (network.apply(to: input, pass: &pass) - target).squared().mean()
      loss.backward()
      network.parameters.clipGradients(norm: 1)
      optimizer.step(
        learningRate: 0.02 * schedule.factor(step: step, of: 60), firstDecay: schedule.firstDecay(step: step, of: 60))
      return loss.value.scalar
    }
    return (network.parameters.map(\.variable.value), losses)
  }

  @Test func theSameSeedGivesTheSameModelAndAnotherSeedAnother() {
    let (first, second) = (train(seed: 1), train(seed: 1))
    #expect(first.parameters == second.parameters)
    #expect(first.losses == second.losses)
    #expect(train(seed: 2).parameters != first.parameters)
  }

  @Test func trainingLearns() {
    let losses = train(seed: 3).losses
    #expect(losses[59] < losses[0] / 4, "\(losses)")
  }
}
