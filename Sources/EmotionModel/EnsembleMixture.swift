internal import Affect

/// What one network says of a step: valence and arousal, not clipped, and their variances.
struct MemberOutput {
  let mean: SIMD2<Double>
  /// Nil if the network does not know.
  let variance: SIMD2<Double>?
  /// Probabilities of the quadrants, of a network that tells them apart.
  var quadrants: SIMD4<Double>?
}

/// What the members of an ensemble say together: the mean, and the variance of the mixture of their distributions, which
/// is the mean of the variances and the variance of the means.
struct EnsembleMixture {
  private var count = 0.0
  private var sum = SIMD2<Double>.zero
  private var squares = SIMD2<Double>.zero
  private var variances: SIMD2<Double>? = .zero
  private var quadrants: SIMD4<Double>? = .zero

  mutating func add(_ output: MemberOutput) {
    count += 1
    sum += output.mean
    squares += output.mean * output.mean
    variances = if let variances, let variance = output.variance { variances + variance } else { nil }
    quadrants = if let quadrants, let own = output.quadrants { quadrants + own } else { nil }
  }

  /// - Precondition: there is a member.
  var mixture: Mixture {
    let mean = sum / count
    // Rounding must not make the variance of equal means negative.
    let spread = pointwiseMax(squares / count - mean * mean, .zero)
    return Mixture(
      mean: mean, variance: variances.map { $0 / count + spread }, quadrants: quadrants.map { $0 / count })
  }

  /// - Precondition: there is a member.
  func prediction(_ calibration: ConfidenceCalibration?) -> EmotionPrediction { mixture.prediction(calibration) }
}

extension EnsembleMixture {
  /// Several networks' predictions of the same moment.
  init(_ predictions: [EmotionPrediction]) {
    for prediction in predictions {
      let deviations = prediction.valenceDeviation.flatMap { own in
        prediction.arousalDeviation.map { SIMD2(Double(own), Double($0)) }
      }
      add(
        MemberOutput(
          mean: SIMD2(Double(prediction.affect.valence), Double(prediction.affect.arousal)),
          variance: deviations.map { $0 * $0 }, quadrants: prediction.quadrants?.probabilities))
    }
  }
}

extension EmotionPrediction {
  /// What several networks say together of the same moment, each with its deviations, without a confidence.
  package init(mixing predictions: [EmotionPrediction]) {
    self = EnsembleMixture(predictions).prediction(nil)
  }
}

/// Mean and variance of what a model says of a step, not clipped.
struct Mixture {
  let mean: SIMD2<Double>
  /// Nil if the model does not know.
  let variance: SIMD2<Double>?
  /// Probabilities of the quadrants, of a model that tells them apart.
  var quadrants: SIMD4<Double>?

  func prediction(_ calibration: ConfidenceCalibration?) -> EmotionPrediction {
    var prediction = EmotionPrediction(affect: Affect(valence: Float(mean.x), arousal: Float(mean.y)))
    guard let variance else { return prediction }
    let valenceDeviation = Float(variance.x.squareRoot())
    let arousalDeviation = Float(variance.y.squareRoot())
    prediction.valenceDeviation = valenceDeviation
    prediction.arousalDeviation = arousalDeviation
    if let quadrants {
      let own = QuadrantProbabilities(quadrants)
      prediction.quadrants = own
      prediction.confidence = calibration?.confidence(probability: own.probability(of: own.best))
      return prediction
    }
    prediction.confidence = calibration?.confidence(
      valenceDeviation: valenceDeviation, arousalDeviation: arousalDeviation)
    return prediction
  }
}
