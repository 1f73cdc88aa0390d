/// The steps that make the loss smaller: gradients are cut, the optimiser moves the parameters, at the pace of the
/// schedule.
struct Descent {
  private let recipe: Recipe
  private var optimizer: Adam<Float>
  private let schedule: LearningRateSchedule
  private let stepCount: Int
  private var stepsDone = 0

  /// - Parameter stepCount: steps of the whole training.
  init(_ recipe: Recipe, network: TrainableNetwork, stepCount: Int) {
    self.recipe = recipe
    self.stepCount = stepCount
    schedule = recipe.schedule == .oneCycle ? .oneCycle() : .constant
    optimizer = Adam(
      [
        ParameterGroup(network.newParameters, weightDecay: recipe.weightDecay),
        ParameterGroup(
          network.retrainedParameters, learningRateFactor: recipe.retrainingFactor, weightDecay: recipe.weightDecay),
      ], weightDecay: recipe.optimizer == .adamW ? .decoupled : .penalty)
  }

  /// Takes a step by the gradients that are there.
  ///
  /// - Returns: the norm of the gradients. If that is not finite, no step was taken.
  mutating func step() -> Double {
    let norm = optimizer.parameters.clipGradients(norm: recipe.gradientNorm)
    guard norm.isFinite else { return norm }
    // Batches that are cut anew in each epoch may be one more or less than in the first.
    let step = min(stepsDone, stepCount - 1)
    optimizer.step(
      learningRate: recipe.learningRate * schedule.factor(step: step, of: stepCount),
      firstDecay: schedule.firstDecay(step: step, of: stepCount))
    stepsDone += 1
    return norm
  }
}
