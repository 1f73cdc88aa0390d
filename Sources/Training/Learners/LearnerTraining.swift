internal import Affect
internal import EmotionModel
internal import NeuralNetwork
internal import Platform

/// The training of a model that sees all samples at once: lasso, support vector machines, trees. Settings are chosen on the
/// validation, which the model does not learn from: its confidence may be calibrated there.
struct LearnerTraining {
  let kind: EmotionModelKind
  let target: Target
  let settings: TrainingSettings
  /// As the model reads them.
  let set: TrainingSet
  let roles: TickRoles
  let seed: UInt64

  /// What came out: a network, the layer after it, and what a model file holds of both.
  struct Learned {
    var tensors: [(name: String, tensor: Tensor)]
    /// What the model says of what it reads.
    var predict: ([Float]) -> EmotionPrediction
  }

  func run() throws(Failure) -> Learned {
    let perSong = momentsPerSong
    let training = Samples(set, ticks: roles.labelledTicks(of: set, in: .training), perSong: perSong)
    let validation = Samples(set, ticks: roles.labelledTicks(of: set, in: .validation), perSong: perSong)
    switch kind {
    case .lasso:
      let solution = LassoTraining.best(training: training, validation: validation)
      let dense = Dense(
        weight: Tensor(
          shape: [2, set.width], values: solution.weights.flatMap { $0.map { Float($0) } }),
        bias: solution.offsets.map { Float($0) })
      return affect(dense, training, validation, network: []) { $0 }
    case .svr, .svm:
      guard training.count <= SupportVectorTraining.sampleLimit else {
        throw Failure(
          .usage,
          "\(training.count) songs are too many for a support vector machine: train on at most "
            + "\(SupportVectorTraining.sampleLimit)")
      }
      return kind == .svr ? regression(training, validation) : classification(training, validation)
    case .forest, .boosting: return trees(training, validation)
    default: preconditionFailure("asked only for kinds that learn from all samples at once")
    }
  }

  /// Of many songs a support vector machine takes fewer moments each.
  private var momentsPerSong: Int? {
    guard let wanted = settings.unitsPerSong, kind == .svr || kind == .svm else { return settings.unitsPerSong }
    let songs = Set(roles.labelledTicks(of: set, in: .training).map(\.song)).count
    return min(wanted, max(1, SupportVectorTraining.sampleLimit / max(1, songs)))
  }

  // MARK: - Support vector machines

  private func regression(_ training: Samples, _ validation: Samples) -> Learned {
    let judged = validation.count > 0 ? validation : training
    let trainer = SupportVectorTraining(training, seed: seed)
    let machine = best(settings.supportVectors, train: trainer.regression) { machine in
      squaredErrors(judged) { machine.values(of: $0) }.sum()
    }.trained
    return affect(machine.output, training, validation, network: machine.machine.tensors) {
      machine.machine.kernels(of: $0)
    }
  }

  private func classification(_ training: Samples, _ validation: Samples) -> Learned {
    let judged = validation.count > 0 ? validation : training
    let trainer = SupportVectorTraining(training, seed: seed)
    // Which of a pair is the more probable does not depend on the curve.
    let plain = PairwiseProbabilities(slopes: Array(repeating: -1, count: 6), offsets: Array(repeating: 0, count: 6))
    let (settings, machine) = best(settings.supportVectors, train: trainer.classification) { machine in
      wrongShare(judged) { QuadrantProbabilities(plain.probabilities(machine.decisions(of: $0))).best }
    }
    let head = QuadrantHead(pairs: machine.pairs, probabilities: trainer.probabilities(settings))
    return Learned(tensors: machine.machine.tensors + head.tensors) {
      head.prediction(machine.machine.kernels(of: $0))
    }
  }

  // MARK: - Trees

  private func trees(_ training: Samples, _ validation: Samples) -> Learned {
    let trainer = TreeTraining(training, seed: seed)
    let judged = validation.count > 0 ? validation : nil
    let grown = best(settings.trees) { settings in
      kind == .forest
        ? trainer.forest(settings, target: target)
        : trainer.boosting(settings, target: target, validation: judged)
    } error: {
      loss($0, judged ?? training)
    }.trained
    let count = target.outputCount
    let identity = Tensor(shape: [count, count], values: (0..<count * count).map { $0 % (count + 1) == 0 ? 1 : 0 })
    let dense = Dense(weight: identity, bias: grown.base.map { Float($0) })
    switch target {
    case .affect:
      return affect(dense, training, validation, network: grown.trees.tensors) { grown.trees.features(of: $0) }
    case .quadrant:
      let head = QuadrantHead(classes: dense)
      return Learned(tensors: grown.trees.tensors + head.tensors) { head.prediction(grown.trees.features(of: $0)) }
    }
  }

  private func loss(_ grown: TreeTraining.Grown, _ samples: Samples) -> Double {
    switch target {
    case .affect: squaredErrors(samples) { grown.values(of: $0).map { Float($0) } }.sum()
    case .quadrant:
      wrongShare(samples) { input in
        let values = grown.values(of: input)
        return QuadrantProbabilities(QuadrantHead.softmax(SIMD4(values[0], values[1], values[2], values[3]))).best
      }
    }
  }

  // MARK: - Shared

  /// A model of valence and arousal whose uncertainty is the same for all music: the error on the validation.
  private func affect(
    _ output: Dense, _ training: Samples, _ validation: Samples,
    network: [(name: String, tensor: Tensor)], features: @escaping ([Float]) -> [Float]
  ) -> Learned {
    func values(_ input: [Float]) -> [Float] {
      var values: [Float] = [0, 0]
      output.apply(to: features(input), into: &values)
      return values
    }
    let errors = squaredErrors(validation.count > 0 ? validation : training, values)
    let variances = [errors.x, errors.y].map { max($0, 1e-4) }
    let deviations = variances.map { Float($0.squareRoot()) }
    let tensors: [(name: String, tensor: Tensor)] = [
      ("output.weight", output.weight), ("output.bias", Tensor(shape: [2], values: output.bias)),
      ("uncertainty.weight", Tensor(shape: output.weight.shape, values: output.weight.values.map { _ in 0 })),
      ("uncertainty.bias", Tensor(shape: [2], values: variances.map { Float(Double.logarithm($0)) })),
    ]
    return Learned(tensors: network + tensors) { input in
      let own = values(input)
      return EmotionPrediction(
        affect: Affect(valence: own[0], arousal: own[1]), valenceDeviation: deviations[0],
        arousalDeviation: deviations[1])
    }
  }

  /// What does best; the first one, if there is no choice.
  private func best<Candidate, Trained>(
    _ candidates: [Candidate], train: (Candidate) -> Trained, error: (Trained) -> Double
  ) -> (candidate: Candidate, trained: Trained) {
    var best = (candidate: candidates[0], trained: train(candidates[0]))
    guard candidates.count > 1 else { return best }
    var least = error(best.trained)
    for candidate in candidates.dropFirst() {
      let trained = train(candidate)
      let own = error(trained)
      if own < least {
        (best, least) = ((candidate, trained), own)
      }
    }
    return best
  }

  private func squaredErrors(_ samples: Samples, _ values: ([Float]) -> [Float]) -> SIMD2<Double> {
    var sum = SIMD2<Double>.zero
    for index in 0..<samples.count {
      let own = values(Array(samples.input(index)))
      let error = SIMD2(Double(own[0]), Double(own[1])) - SIMD2<Double>(samples.targets[index])
      sum += error * error
    }
    return sum / Double(max(1, samples.count))
  }

  private func wrongShare(_ samples: Samples, _ predict: ([Float]) -> Quadrant) -> Double {
    let wrong = (0..<samples.count).count { predict(Array(samples.input($0))).rawValue - 1 != samples.quadrant($0) }
    return Double(wrong) / Double(max(1, samples.count))
  }
}
