import TestSupport
import Testing
import Training

@Suite struct OptimizerTests {
  let values: PyTorchValues

  init() throws { values = try PyTorchValues() }

  /// Goes the eight steps of the fixture and compares the parameters after each.
  private func compareSteps(
    _ name: String, _ weightDecay: Adam<Float>.WeightDecay, schedule: LearningRateSchedule = .constant,
    clippingTo norm: Double? = nil
  ) throws {
    let parameters = try (0...1).map {
      Parameter("\($0)", Variable(try values.tensor("optimiser.start.\($0)"), needsGradient: true))
    }
    var optimizer = Adam(
      [
        ParameterGroup([parameters[0]], weightDecay: 0.1),
        ParameterGroup([parameters[1]], learningRateFactor: 0.2),
      ], weightDecay: weightDecay)
    for step in 0..<8 {
      for (index, parameter) in parameters.enumerated() {
        // A loss with exactly the gradient of the fixture.
        let gradients = Variable(try values.tensor("optimiser.gradients.\(index)"))
        let gradient = gradients.slice(axis: 0, step..<step + 1).reshaped(parameter.variable.shape)
        (parameter.variable * gradient).sum().backward()
      }
      if let norm {
        let before = parameters.clipGradients(norm: norm)
        let expected = try values.tensor("\(name).norms").values[step]
        #expect(abs(Float(before) - expected) < 1e-5)
      }
      optimizer.step(
        learningRate: 0.05 * schedule.factor(step: step, of: 8), firstDecay: schedule.firstDecay(step: step, of: 8))
      for (index, parameter) in parameters.enumerated() {
        let after = try values.tensor("\(name).after.\(index)")
        let count = parameter.variable.value.count
        let expected = Array(after.values[step * count..<(step + 1) * count])
        #expect(Difference(parameter.variable.value.values, expected).relativeToLargest < 1e-5, "step \(step)")
      }
    }
  }

  @Test func adam() throws { try compareSteps("adam", .penalty) }
  @Test func adamWithDecoupledDecay() throws { try compareSteps("adamw", .decoupled) }
  @Test func oneCycleWithItsDecays() throws { try compareSteps("adamw_one_cycle", .decoupled, schedule: .oneCycle()) }
  @Test func clipping() throws { try compareSteps("adam_clipped", .penalty, clippingTo: 1.5) }

  @Test func aStepForgetsTheGradientsAndLeavesParametersWithoutOne() {
    let used = Variable<Float>(DenseTensor(shape: [2], values: [1, 2]), needsGradient: true)
    let unused = Variable<Float>(DenseTensor(shape: [2], values: [3, 4]), needsGradient: true)
    var optimizer = Adam([ParameterGroup([Parameter("used", used), Parameter("unused", unused)], weightDecay: 0.5)])
    used.squared().sum().backward()
    optimizer.step(learningRate: 0.1)
    #expect(used.gradient == nil)
    // A first step goes by the learning rate against the sign of the gradient, after the decay.
    #expect(Difference(used.value.values, [1 * 0.95 - 0.1, 2 * 0.95 - 0.1]).relativeToLargest < 1e-6)
    #expect(unused.value.values == [3, 4])
  }

  @Test func aSmallGradientIsNotClipped() {
    let variable = Variable<Float>(DenseTensor(shape: [2], values: [0.3, 0.4]), needsGradient: true)
    let parameters = [Parameter("x", variable)]
    (variable.squared().sum() / 2).backward()
    #expect(abs(parameters.clipGradients(norm: 1) - 0.5) < 1e-6)
    #expect(variable.gradient?.values == [0.3, 0.4])
    #expect(abs(parameters.clipGradients(norm: 0.05) - 0.5) < 1e-6)
    #expect(Difference(variable.gradient?.values ?? [0, 0], [0.03, 0.04]).relativeToLargest < 1e-4)
  }

  @Test func schedulesAreThoseOfPyTorch() throws {
    let schedules: [(String, LearningRateSchedule)] = [
      ("one_cycle", .oneCycle()),
      ("one_cycle_short_rise", .oneCycle(risingShare: 0.13, initialDivisor: 10, finalDivisor: 100)),
      ("cosine", .cosine()),
    ]
    for (name, schedule) in schedules {
      let factors = (0..<20).map { Float(schedule.factor(step: $0, of: 20)) }
      #expect(Difference(factors, try values.tensor("\(name).rates").values).relativeToLargest < 1e-6, "\(name)")
      guard case .oneCycle = schedule else { continue }
      let decays = (0..<20).compactMap { schedule.firstDecay(step: $0, of: 20).map(Float.init) }
      let expected = try values.tensor("\(name).first_decays").values
      #expect(Difference(decays, expected).relativeToLargest < 1e-6, "\(name)")
    }
  }

  @Test func theRateWarmsUpLinearlyBeforeTheCosine() {
    let schedule = LearningRateSchedule.cosine(warmUpSteps: 4)
    let factors = (0..<12).map { schedule.factor(step: $0, of: 12) }
    #expect(Difference(factors[0...4].map(Float.init), [0.2, 0.4, 0.6, 0.8, 1]).relativeToLargest < 1e-6)
    #expect(abs(factors[8] - 0.5) < 1e-12)
    #expect(zip(factors[4...], factors[5...]).allSatisfy { $0 > $1 } && factors[11] > 0)
    #expect(schedule.firstDecay(step: 3, of: 12) == nil)
    #expect(LearningRateSchedule.constant.factor(step: 7, of: 12) == 1)
  }

  @Test func oneCycleGoesWithVeryFewSteps() {
    for total in 1...5 {
      let factors = (0..<total).map { LearningRateSchedule.oneCycle().factor(step: $0, of: total) }
      #expect(factors.allSatisfy { $0 > 0 && $0 <= 1 }, "\(factors)")
    }
  }

  @Test func trainingStopsWhenItHasNotBeenBetterForLong() {
    var stopping = EarlyStopping(patience: 2, minimumGain: 0.1)
    #expect(stopping.take(.nan) == .worse)
    #expect(stopping.take(1) == .better)
    #expect(stopping.take(0.95) == .worse)
    #expect(stopping.take(0.8) == .better)
    #expect(stopping.take(0.9) == .worse)
    #expect(stopping.take(0.75) == .stop)
    #expect(stopping.best?.loss == 0.8 && stopping.best?.epoch == 3)
  }

  @Test func trainingStopsWhenNoLossIsEverANumber() {
    var stopping = EarlyStopping(patience: 2)
    #expect(stopping.take(.nan) == .worse)
    #expect(stopping.take(.nan) == .stop)
    #expect(stopping.best == nil)
  }
}
