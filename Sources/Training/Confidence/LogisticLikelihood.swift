internal import Glibc

/// The likelihood of a logistic curve over the logits that a model claims (Platt, "Probabilistic outputs for support vector
/// machines", 1999), with priors.
struct LogisticLikelihood {
  /// A claimed logit, whether the target was met (1 or 0), and how much that counts.
  struct Sample {
    let logit: Double
    let outcome: Double
    let weight: Double
  }

  private let samples: [Sample]

  /// Weight of the prior of the slope: its log is `-(slope - 1)² · weight / 2`.
  private static let slopeWeight = 1.0
  /// Weight of the made-up sample on either side (Krichevsky and Trofimov, "The performance of universal encoding",
  /// 1981).
  private static let sideWeight = 0.5

  /// - Precondition: there is a sample, and some weight is above 0.
  init(_ samples: [Sample]) {
    precondition(!samples.isEmpty)
    // At the mean logit the made-up samples say nothing about the slope.
    let mean = samples.reduce(0) { $0 + $1.logit * $1.weight } / samples.reduce(0) { $0 + $1.weight }
    self.samples =
      samples + [
        Sample(logit: mean, outcome: 1, weight: Self.sideWeight),
        Sample(logit: mean, outcome: 0, weight: Self.sideWeight),
      ]
  }

  /// The best offset for a slope of 0.
  var baseLogit: Double {
    let inside = samples.reduce(0) { $0 + $1.outcome * $1.weight }
    let outside = samples.reduce(0) { $0 + (1 - $1.outcome) * $1.weight }
    return log(inside / outside)
  }

  /// Newton's method, with steps halved until they gain: the loss is convex, so that there is one minimum to find.
  func maximum() -> (slope: Double, offset: Double) {
    var slope = 1.0
    var offset = 0.0
    var loss = loss(slope: slope, offset: offset)
    for _ in 0..<100 {
      let step = newtonStep(slope: slope, offset: offset)
      var share = 1.0
      var next = self.loss(slope: slope + step.slope, offset: offset + step.offset)
      while next > loss, share > 1e-9 {
        share /= 2
        next = self.loss(slope: slope + share * step.slope, offset: offset + share * step.offset)
      }
      guard next <= loss else { break }
      slope += share * step.slope
      offset += share * step.offset
      loss = next
      guard abs(step.slope) + abs(step.offset) > 1e-10 else { break }
    }
    return (slope, offset)
  }

  /// The negative logarithm of likelihood and prior.
  private func loss(slope: Double, offset: Double) -> Double {
    samples.reduce(Self.slopeWeight / 2 * (slope - 1) * (slope - 1)) { sum, sample in
      let value = slope * sample.logit + offset
      // log(1 + exp(value)) - outcome · value, in a form that does not overflow.
      return sum + sample.weight * (max(value, 0) + log1p(exp(-abs(value))) - sample.outcome * value)
    }
  }

  private func newtonStep(slope: Double, offset: Double) -> (slope: Double, offset: Double) {
    var gradient = (slope: Self.slopeWeight * (slope - 1), offset: 0.0)
    var curvature = (slope: Self.slopeWeight, both: 0.0, offset: 0.0)
    for sample in samples {
      let probability = 1 / (1 + exp(-(slope * sample.logit + offset)))
      let error = sample.weight * (probability - sample.outcome)
      let bend = sample.weight * probability * (1 - probability)
      gradient.slope += error * sample.logit
      gradient.offset += error
      curvature.slope += bend * sample.logit * sample.logit
      curvature.both += bend * sample.logit
      curvature.offset += bend
    }
    // Above 0: the prior and the made-up samples bend it in both directions.
    let determinant = curvature.slope * curvature.offset - curvature.both * curvature.both
    return (
      (curvature.both * gradient.offset - curvature.offset * gradient.slope) / determinant,
      (curvature.both * gradient.slope - curvature.slope * gradient.offset) / determinant
    )
  }
}
