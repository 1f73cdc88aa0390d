/// The steps that make the loss smaller: gradients are cut, the optimiser moves the parameters, at the pace of the
/// schedule.
struct Descent {
  private let settings: TrainingSettings
  private var optimizer: Adam<Float>
  private let schedule: LearningRateSchedule
  private let stepCount: Int
  private var stepsDone = 0

  /// - Parameter stepCount: steps of the whole training.
  init(_ settings: TrainingSettings, network: TrainableNetwork, stepCount: Int) {
    self.settings = settings
    self.stepCount = stepCount
    schedule = settings.schedule == .oneCycle ? .oneCycle() : .constant
    optimizer = Adam(
      [
        ParameterGroup(network.newParameters, weightDecay: settings.weightDecay),
        ParameterGroup(
          network.retrainedParameters, learningRateFactor: settings.retrainingFactor, weightDecay: settings.weightDecay),
      ], weightDecay: settings.optimizer == .adamW ? .decoupled : .penalty)
  }

  /// Takes a step by the gradients that are there.
  ///
  /// - Returns: the norm of the gradients. If that is not finite, no step was taken.
  mutating func step() -> Double {
    let norm = optimizer.parameters.clipGradients(norm: settings.gradientNorm)
    guard norm.isFinite else { return norm }
    // Batches that are cut anew in each epoch may be one more or less than in the first.
    let step = min(stepsDone, stepCount - 1)
    optimizer.step(
      learningRate: settings.learningRate * schedule.factor(step: step, of: stepCount),
      firstDecay: schedule.firstDecay(step: step, of: stepCount))
    stepsDone += 1
    return norm
  }
}
