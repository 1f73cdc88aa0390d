internal import Glibc

/// What training makes small: the squared error of the values; if it is asked for, 1 less Lin's concordance of the batch,
/// without which a network that is unsure stays near the middle; and the negative logarithm of the likelihood of the
/// errors under the deviations that the network expects (Nix and Weigend, "Estimating the mean and variance of the target
/// probability distribution", 1994).
///
/// The last part trains the deviations alone: for it the values are constants. A likelihood that trains both lets the
/// network give up on the hard songs (Seitzer and others, "On the pitfalls of heteroscedastic uncertainty estimation",
/// 2022).
///
/// Where the signs alone are known, it is the negative logarithm of the likelihood of the signs, with values that stand
/// for a logit of ``EmotionLoss/signSlope`` times as much (logistic regression).
package enum EmotionLoss {
  /// A value of 0.25 means odds of 7 to 1.
  static let signSlope: Float = 8

  /// The loss as a single number, with its gradient.
  ///
  /// - Parameters:
  ///   - values: `[samples × 2]`, valence and arousal.
  ///   - logVariances: `[samples × 2]`
  ///   - targets: `[samples × 2]`
  ///   - weights: how much each sample counts, `[samples]`.
  ///   - signWeights: how much the signs of each target count, `[samples]`; nil for not at all. Not all of both are 0.
  ///   - concordance: how much the concordance counts beside the squared error, 0 or more.
  package static func loss(
    values: Variable<Float>, logVariances: Variable<Float>, targets: [Float], weights: [Float],
    signWeights: [Float]? = nil, concordance: Float = 0
  ) -> Variable<Float> {
    let count = weights.count
    precondition(values.shape == [count, 2] && logVariances.shape == [count, 2] && targets.count == 2 * count)
    let total = 2 * weights.reduce(0, +)
    precondition(total > 0 || signWeights?.contains { $0 > 0 } == true, "nothing counts")
    var sum = 0.0
    var valueGradient = [Float](repeating: 0, count: 2 * count)
    var varianceGradient = valueGradient
    for index in 0..<2 * count {
      guard weights[index / 2] > 0 else { continue }
      let weight = weights[index / 2] / total
      let error = values.value.values[index] - targets[index]
      let logVariance = logVariances.value.values[index]
      let ratio = error * error * Float.exponential(-min(max(logVariance, -10), 10))
      sum += Double(weight * (error * error + (logVariance + ratio) / 2))
      valueGradient[index] = 2 * weight * error
      varianceGradient[index] = weight * (1 - ratio) / 2
    }
    if let signWeights {
      for index in 0..<2 * count where signWeights[index / 2] > 0 {
        let weight = signWeights[index / 2] / Float(2 * count)
        let logit = signSlope * targets[index] * values.value.values[index]
        let odds = Float.exponential(-min(max(logit, -50), 50))
        sum += Double(weight) * log1p(Double(odds))
        valueGradient[index] -= weight * signSlope * targets[index] * odds / (1 + odds)
      }
    }
    if concordance > 0, total > 0 {
      for column in 0..<2 {
        let part = Concordance(of: values.value.values, targets, weights, column: column)
        sum += Double(concordance) * (1 - part.value) / 2
        for index in 0..<count {
          valueGradient[2 * index + column] -=
            concordance * part.slope(values.value.values, targets, weights, index) / 2
        }
      }
    }
    return Variable(DenseTensor(Float(sum)), from: [values, logVariances]) { gradient in
      let factor = gradient.scalar
      values.accumulate(DenseTensor(shape: [count, 2], values: valueGradient.map { $0 * factor }))
      logVariances.accumulate(DenseTensor(shape: [count, 2], values: varianceGradient.map { $0 * factor }))
    }
  }

  /// The squared error of both values over the samples that count, without a gradient.
  static func squaredError(_ values: Variable<Float>, _ samples: BatchSamples) -> Double {
    var (sum, total) = (0.0, 0.0)
    for (index, value) in values.value.values.enumerated() {
      let weight = Double(samples.weights[index / 2])
      let error = Double(value - samples.targets[index])
      sum += weight * error * error
      total += weight
    }
    return total > 0 ? sum / total : 0
  }
}

/// Lin's concordance of one column of `[samples × 2]` with its targets (Lin, "A concordance correlation coefficient to
/// evaluate reproducibility", 1989), `2 cov / (var + var' + (mean - mean')²)`, over weighted samples.
private struct Concordance {
  let value: Double
  private let column: Int
  private let total: Double
  private let targetMean: Double
  private let denominator: Double

  init(of values: [Float], _ targets: [Float], _ weights: [Float], column: Int) {
    self.column = column
    func mean(_ term: (Int) -> Double) -> Double {
      weights.indices.reduce(0) { $0 + Double(weights[$1]) * term($1) }
    }
    total = mean { _ in 1 }
    let valueMean = mean { Double(values[2 * $0 + column]) } / total
    let targetMean = mean { Double(targets[2 * $0 + column]) } / total
    let products = mean {
      (Double(values[2 * $0 + column]) - valueMean) * (Double(targets[2 * $0 + column]) - targetMean)
    }
    let squares = mean { index in
      let (value, target) = (
        Double(values[2 * index + column]) - valueMean, Double(targets[2 * index + column]) - targetMean
      )
      return value * value + target * target
    }
    self.targetMean = targetMean
    // A batch in which nothing differs has no concordance to speak of.
    denominator = max(squares / total + (valueMean - targetMean) * (valueMean - targetMean), 1e-6)
    value = 2 * products / total / denominator
  }

  /// The derivative by a value.
  func slope(_ values: [Float], _ targets: [Float], _ weights: [Float], _ index: Int) -> Float {
    let (value, target) = (Double(values[2 * index + column]), Double(targets[2 * index + column]))
    let share = Double(weights[index]) / total
    return Float(2 * share * ((target - targetMean) - self.value * (value - targetMean)) / denominator)
  }
}
