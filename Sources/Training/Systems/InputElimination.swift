internal import Platform

/// Backward elimination around a support vector machine (Kohavi and John, "Wrappers for feature subset selection", 1997):
/// the inputs that help least on songs that were left out are taken out, a quarter at a time, and the set with the least
/// error is kept. How much an input helps is how much larger the error gets when its values are exchanged between samples.
struct InputElimination {
  private let training: Samples
  private let validation: Samples
  private let seed: UInt64

  /// - Parameter samples: normalised.
  init(_ samples: Samples, seed: UInt64) {
    self.seed = seed
    let parts = samples.parts(5, seed: seed)
    let step = max(1, samples.count / 1500)
    training = samples.taking(parts.indices.filter { parts[$0] != 0 && $0 % step == 0 })
    validation = samples.taking(parts.indices.filter { parts[$0] == 0 && $0 % step == 0 })
  }

  func run() -> Set<Int> {
    var inputs = Array(0..<training.width)
    guard training.count > 0, validation.count > 0 else { return Set(inputs) }
    var best = (inputs: inputs, error: Double.infinity)
    var generator = SeededGenerator(seed: seed)
    while true {
      let machine = SupportVectorTraining(training.reading(inputs), seed: seed)
        .regression(SupportVectorSettings(cost: 1))
      let judged = validation.reading(inputs)
      func error(_ samples: Samples) -> Double {
        (0..<samples.count).reduce(0) { sum, index in
          let values = machine.values(of: Array(samples.input(index)))
          let error = SIMD2(Double(values[0]), Double(values[1])) - SIMD2<Double>(samples.targets[index])
          return sum + (error * error).sum()
        } / Double(samples.count)
      }
      let own = error(judged)
      // The fewer inputs do as well, the better.
      if own <= best.error { best = (inputs, own) }
      guard inputs.count > Self.fewest else { return Set(best.inputs) }
      let order = (0..<judged.count).shuffled(using: &generator)
      let losses = inputs.indices.map { place in
        var changed = judged
        for (index, other) in order.enumerated() {
          changed.inputs[index * judged.width + place] = judged.inputs[other * judged.width + place]
        }
        return error(changed)
      }
      let ranked = inputs.indices.sorted { (losses[$0], $0) < (losses[$1], $1) }
      let dropped = Set(ranked.prefix(max(1, inputs.count / 4)))
      inputs = inputs.indices.filter { !dropped.contains($0) }.map { inputs[$0] }
    }
  }

  private static let fewest = 4
}

extension Samples {
  /// The same with some of the inputs alone.
  func reading(_ inputs: [Int]) -> Samples {
    var result = Samples(width: inputs.count)
    for index in 0..<count {
      let own = input(index)
      result.add(
        inputs.map { own[own.startIndex + $0] }[...], target: targets[index], weight: weights[index],
        song: songs[index])
    }
    return result
  }
}
