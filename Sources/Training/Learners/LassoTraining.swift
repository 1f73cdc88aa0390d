/// The lasso with the penalty that does best on a validation, for valence and arousal each.
enum LassoTraining {
  static func best(training: Samples, validation: Samples) -> RidgeRegression {
    let moments = moments(of: training)
    let path = moments.lassoPath()
    let solutions = moments.lasso(penalties: path)
    let judged = validation.count > 0 ? validation : training
    let errors = solutions.map { Self.errors(of: $0, judged) }
    let best = (0..<2).map { output in
      errors.indices.min { (errors[$0][output], $0) < (errors[$1][output], $1) } ?? 0
    }
    return RidgeRegression(
      weights: (0..<2).map { solutions[best[$0]].weights[$0] },
      offsets: (0..<2).map { solutions[best[$0]].offsets[$0] })
  }

  private static func moments(of samples: Samples) -> RidgeRegression.Moments {
    var moments = RidgeRegression.Moments(inputs: samples.width, targets: 2)
    for index in 0..<samples.count {
      moments.add(
        samples.input(index), targets: [samples.targets[index].x, samples.targets[index].y],
        weight: Double(samples.weights[index]))
    }
    return moments
  }

  /// Mean squared errors of valence and arousal.
  private static func errors(of solution: RidgeRegression, _ samples: Samples) -> [Double] {
    var sums = [0.0, 0.0]
    for index in 0..<samples.count {
      let values = solution.predict(samples.input(index))
      for output in 0..<2 {
        let error = values[output] - Double(samples.targets[index][output])
        sums[output] += error * error
      }
    }
    return sums.map { $0 / Double(max(1, samples.count)) }
  }
}
