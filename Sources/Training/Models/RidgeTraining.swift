internal import Affect
internal import EmotionModel

/// Ridge regression on the embeddings, with the penalty that does best on the ticks in the role of validation. Its
/// uncertainty is the same for all music: the error there.
struct RidgeTraining {
  let set: TrainingSet
  let roles: TickRoles

  /// Multiples of the number of samples, for embeddings that are normalised.
  private static let penalties = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]

  /// Sets the outputs of a network that has no body.
  func run(_ network: TrainableNetwork) {
    var moments = RidgeRegression.Moments(inputs: set.width, targets: 2)
    let samples = roles.labelledTicks(of: set, in: .training)
    for sample in samples {
      guard let label = set.songs[sample.song].labels[sample.tick] else { continue }
      moments.add(
        network.normalized(set.input(song: sample.song, tick: sample.tick))[...],
        targets: [label.valence, label.arousal], weight: Double(set.songs[sample.song].weight))
    }
    let validation = roles.labelledTicks(of: set, in: .validation)
    let judged = validation.isEmpty ? samples : validation
    let inputs = judged.map { network.normalized(set.input(song: $0.song, tick: $0.tick)) }
    let candidates = Self.penalties.map { penalty in
      let solution = moments.solve(penalty: penalty)
      return (solution, errors: errors(of: solution, inputs, judged))
    }
    guard let best = candidates.min(by: { $0.errors[0] + $0.errors[1] < $1.errors[0] + $1.errors[1] }) else { return }
    network.setOutputs(
      weights: best.0.weights, offsets: best.0.offsets,
      logVariances: best.errors.map { Double.logarithm(max($0, 1e-4)) })
  }

  /// Mean squared errors of valence and arousal.
  private func errors(of solution: RidgeRegression, _ inputs: [[Float]], _ ticks: [TickIndex]) -> [Double] {
    var sums = [0.0, 0.0]
    for (input, tick) in zip(inputs, ticks) {
      guard let label = set.songs[tick.song].labels[tick.tick] else { continue }
      let values = solution.predict(input[...])
      sums[0] += (values[0] - Double(label.valence)) * (values[0] - Double(label.valence))
      sums[1] += (values[1] - Double(label.arousal)) * (values[1] - Double(label.arousal))
    }
    return sums.map { $0 / Double(max(1, ticks.count)) }
  }
}
