internal import Affect
internal import Embedding
internal import EmotionModel
internal import Glibc
internal import NeuralNetwork
internal import Platform

/// The training of one model on some songs: of a network step by step, of the others at once.
public struct NetworkTraining: Sendable {
  let kind: EmotionModelKind
  /// Not asked of ridge regression.
  let settings: TrainingSettings
  var target = Target.affect
  /// Nil for all inputs.
  var selection: InputSelection?
  let set: TrainingSet
  let roles: TickRoles
  /// Layers of MusiCNN that are trained too, and the normalisation of their embeddings as they are before it.
  let retraining: Retraining?
  let seed: UInt64

  struct Retraining: Sendable {
    let layers: RetrainedLayers
    let normalization: InputNormalization
  }

  public struct Progress: Sendable {
    /// From 1.
    public let epoch: Int
    /// At most.
    public let epochs: Int
  }

  /// Trains on the labelled ticks in the role of training.
  ///
  /// With settings that have patience, the network that did best on the ticks in the role of validation is kept, otherwise
  /// the last.
  ///
  /// - Parameters:
  ///   - onEpoch: called after each epoch.
  ///   - shouldStop: asked before each epoch but the first. The best network so far is kept.
  /// - Throws: ``Failure`` if the training comes to numbers that are none: a model of them would be worthless, and
  ///   its scores would not show it.
  /// - Precondition: there is a label to train on.
  func run(
    onEpoch: (Progress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws(Failure) -> TrainedNetwork {
    let ticks = roles.labelledTicks(of: set, in: .training)
    precondition(!ticks.isEmpty, "there is nothing to train on")
    // Images are normalised batch by batch: a copy of all would take as much memory again.
    guard !kind.readsImages else {
      try settings.convolution.check(set.shape, selection: selection)
      return try train(nil, onEpoch: onEpoch, shouldStop: shouldStop)
    }
    guard selection != nil || target == .quadrant || set.traits != InputTraits() || !(kind == .ridge || kind.isNetwork)
    else { return try train(nil, onEpoch: onEpoch, shouldStop: shouldStop) }
    let reading = try reading(ticks)
    let own = NetworkTraining(
      kind: kind, settings: settings, target: target, set: set.read(by: reading), roles: roles, retraining: nil,
      seed: seed)
    return try own.train(reading, onEpoch: onEpoch, shouldStop: shouldStop)
  }

  /// What the model reads of the input, found on what it is trained on.
  private func reading(_ ticks: [TickIndex]) throws(Failure) -> ModelInput {
    let normalization = set.normalization(
      over: ticks, logarithmic: set.traits.logarithmic, limit: set.traits.isClipped ? InputTraits.limit : nil)
    let whole = ModelInput(normalization: normalization)
    guard let selection else { return whole }
    let samples = Samples(set.read(by: whole), ticks: ticks, perSong: Self.selectionMoments)
    return try selection.fit(samples, normalization: normalization, seed: seed)
  }

  /// Moments of each song that a selection looks at.
  private static let selectionMoments = 4

  /// - Parameter reading: what has been made of the inputs of the set; nil if they are as they were embedded.
  private func train(
    _ reading: ModelInput?, onEpoch: (Progress) -> Void, shouldStop: () -> Bool
  ) throws(Failure) -> TrainedNetwork {
    if kind == .ridge || kind == .lasso { try RidgeRegression.check(inputs: set.width, of: kind.rawValue) }
    var generator = SeededGenerator(seed: seed)
    guard kind == .ridge || kind.isNetwork else { return try learn(reading) }
    let ticks = roles.labelledTicks(of: set, in: .training)
    let network = TrainableNetwork(
      kind: kind, target: target, reading: reading,
      normalization: retraining?.normalization ?? reading?.normalization
        ?? (kind.readsImages ? set.sharedNormalization(over: ticks) : set.normalization(over: ticks)),
      shape: set.shape, tonalityCount: set.tonalityCount, retraining: retraining?.layers, settings: settings,
      generator: &generator)
    if kind == .ridge && retraining == nil {
      RidgeTraining(set: set, roles: roles).run(network)
      return try finish(network, LearningCurve([]))
    }
    let curve = try descend(network, generator: &generator, onEpoch: onEpoch, shouldStop: shouldStop)
    return try finish(network, curve)
  }

  /// Trains a model that sees all samples at once.
  private func learn(_ reading: ModelInput?) throws(Failure) -> TrainedNetwork {
    let learned = try LearnerTraining(
      kind: kind, target: target, settings: settings, set: set, roles: roles, seed: seed
    ).run()
    let tensors = (reading?.tensors ?? []) + learned.tensors
    try checkFinite(tensors)
    return TrainedNetwork(
      kind: kind, tensors: tensors, settings: [:], curve: LearningCurve([]),
      predictions: set.songs.indices.map { song in
        set.songs[song].times.indices.map { learned.predict(Array(set.input(song: song, tick: $0))) }
      })
  }

  private func checkFinite(_ tensors: [(name: String, tensor: Tensor)]) throws(Failure) {
    if let name = tensors.first(where: { !$0.tensor.values.allSatisfy(\.isFinite) })?.name {
      throw .notFinite("the tensor '\(name)' of the trained network", settings)
    }
  }

  private func finish(_ network: TrainableNetwork, _ curve: LearningCurve) throws(Failure) -> TrainedNetwork {
    try checkFinite(network.tensors)
    return TrainedNetwork(
      kind: kind, tensors: network.tensors, settings: network.settings, curve: curve,
      predictions: set.songs.indices.map { network.predict(set, song: $0) })
  }

  private func descend(
    _ network: TrainableNetwork, generator: inout SeededGenerator, onEpoch: (Progress) -> Void,
    shouldStop: () -> Bool
  ) throws(Failure) -> LearningCurve {
    let units = TrainingUnits.units(of: set, inSequence: kind.isSequential) { song, tick in
      roles[song, tick] == .training && set.songs[song].labels[tick] != nil
    }
    let validationTicks = Dictionary(grouping: roles.labelledTicks(of: set, in: .validation), by: \.song)
      .sorted { $0.key < $1.key }.map { (song: $0.key, ticks: $0.value.map(\.tick)) }
    func makeBatches(_ generator: inout SeededGenerator) -> [[TrainingUnit]] {
      let chosen = settings.unitsPerSong.map {
        TrainingUnits.sample(units, perSong: $0, generator: &generator)
      }
      return TrainingUnits.batches(of: chosen ?? units, size: settings.batchSize, generator: &generator)
    }
    let batchCount = makeBatches(&generator).count
    var descent = Descent(settings, network: network, stepCount: batchCount * settings.epochs)
    var pass = Pass.training(generator.split())
    var stopping = EarlyStopping(patience: settings.patience ?? settings.epochs)
    var best: [DenseTensor<Float>]?
    var entries: [LearningCurve.Entry] = []
    for epoch in 1...settings.epochs {
      if epoch > 1 && shouldStop() { break }
      var (lossSum, unitCount) = (0.0, 0)
      for (number, batch) in makeBatches(&generator).enumerated() {
        let samples = BatchSamples(batch, of: set, mixup: settings.mixup, generator: &generator) {
          roles[$0, $1] == .training
        }
        // With mixup it can be that nothing counts: there is nothing to learn from then.
        guard samples.count > 0 else { continue }
        let outputs = network.evaluate(samples.input, pass: &pass)
        let loss =
          target == .quadrant
          ? QuadrantLoss.loss(logits: outputs.values, targets: samples.targets, weights: samples.signWeights)
          : EmotionLoss.loss(
            values: outputs.values, logVariances: outputs.logVariances, targets: samples.targets,
            weights: samples.weights, signWeights: samples.signWeights, concordance: settings.concordance)
        loss.backward()
        guard loss.value.scalar.isFinite, descent.step().isFinite else {
          throw .notFinite("the loss or its gradient in epoch \(epoch), batch \(number + 1)", settings)
        }
        lossSum +=
          (target == .quadrant
            ? Double(loss.value.scalar) : EmotionLoss.squaredError(outputs.values, samples)) * Double(batch.count)
        unitCount += batch.count
      }
      let validation = validate(network, validationTicks)
      entries.append(
        LearningCurve.Entry(
          epoch: epoch, trainingLoss: unitCount > 0 ? lossSum / Double(unitCount) : .nan,
          validationLoss: validation?.loss,
          validationCorrelation: validation?.correlation))
      onEpoch(Progress(epoch: epoch, epochs: settings.epochs))
      // Without patience the schedule is followed to its end, unless somebody stops it.
      guard let validation else { continue }
      let verdict = stopping.take(validation.loss)
      if verdict == .better { best = network.changing.map(\.variable.value) }
      if verdict == .stop && settings.patience != nil { break }
    }
    let endedEarly = settings.patience != nil || entries.count < settings.epochs
    guard endedEarly, let best else { return LearningCurve(entries, bestEpoch: entries.count) }
    for (parameter, value) in zip(network.changing, best) { parameter.variable.value = value }
    return LearningCurve(entries, bestEpoch: (stopping.best?.epoch ?? 0) + 1)
  }

  /// Mean squared error of both values over the ticks of validation, and their correlations; of quadrants the mean of
  /// -log p. Nil if there are none.
  private func validate(
    _ network: TrainableNetwork, _ validation: [(song: Int, ticks: [Int])]
  ) -> (loss: Double, correlation: (valence: Double, arousal: Double)?)? {
    guard target == .affect else {
      let losses = validation.flatMap { song, ticks in
        zip(network.predict(set, song: song, at: ticks), ticks).compactMap { prediction, tick in
          set.songs[song].labels[tick].flatMap { label in
            prediction.quadrants.map {
              -Double.logarithm(max($0.probability(of: Quadrant(of: label)), 1e-12))
            }
          }
        }
      }
      return losses.isEmpty ? nil : (losses.reduce(0, +) / Double(losses.count), nil)
    }
    let scored = validation.map { song, ticks in
      ScoredSong(
        identifier: set.songs[song].identifier, labels: ticks.compactMap { set.songs[song].labels[$0] },
        predictions: network.predict(set, song: song, at: ticks).map(\.affect))
    }
    guard !scored.isEmpty else { return nil }
    let scores = Scores(scored)
    let (valence, arousal) = (scores.valence.rootMeanSquareError, scores.arousal.rootMeanSquareError)
    return (
      (valence * valence + arousal * arousal) / 2,
      (scores.valence.correlation ?? .nan, scores.arousal.correlation ?? .nan)
    )
  }
}
