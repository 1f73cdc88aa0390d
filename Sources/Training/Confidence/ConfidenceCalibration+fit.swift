public import Affect
public import EmotionModel
internal import Glibc

extension ConfidenceCalibration {
  /// A calibration, and what is to be known about how it came about.
  public struct Fit: Sendable, Equatable {
    public let calibration: ConfidenceCalibration
    /// Whether the claims rank the frames the wrong way round, so that the slope was kept at 0 and every estimate gets
    /// the base rate as its confidence.
    public let isWithoutSlope: Bool
  }

  /// Fits the calibration by maximum likelihood on songs that the model was not trained on. Each song weighs the same,
  /// whatever its length, because the frames of a song are near copies of each other.
  ///
  /// A normal prior holds the slope near 1, with the weight of about a song, and half a song on either side holds the
  /// offset near 0: so songs that all lie inside or outside, or are few, give finite and moderate values.
  ///
  /// - Parameter copies: songs as they sound in venues. All of them together weigh as much as all the songs, however many
  ///   there are: music is heard through a line as often as through a microphone.
  /// - Precondition: there is at least one song.
  public static func fit(_ songs: [UncertainSong], copies: [UncertainSong] = []) -> Fit {
    let likelihood = Likelihood(songs, copies: copies)
    let best = likelihood.maximum()
    guard best.slope >= 0 else {
      // The likelihood has no other hill, so that the best of the slopes from 0 on is 0.
      return Fit(
        calibration: ConfidenceCalibration(slope: 0, offset: Float(likelihood.baseLogit)), isWithoutSlope: true)
    }
    return Fit(
      calibration: ConfidenceCalibration(slope: Float(best.slope), offset: Float(best.offset)), isWithoutSlope: false)
  }
}

extension ConfidenceCalibration {
  /// The calibration for another ensemble than the one that it was fitted with: as much confidence on the mean over the
  /// same songs and copies, which weigh the same together.
  func shifted(
    from songs: [UncertainSong], _ copies: [UncertainSong], to otherSongs: [UncertainSong],
    _ otherCopies: [UncertainSong]
  ) -> ConfidenceCalibration {
    func level(_ songs: [UncertainSong]) -> Double? {
      guard !songs.isEmpty else { return nil }
      return songs.reduce(0) { $0 + $1.meanLogit } / Double(songs.count)
    }
    let shifts = [(songs, otherSongs), (copies, otherCopies)].compactMap { before, after in
      level(before).flatMap { before in level(after).map { $0 - before } }
    }
    let shift = shifts.reduce(0, +) / Double(max(1, shifts.count))
    return ConfidenceCalibration(slope: slope, offset: offset - slope * Float(shift))
  }
}

extension UncertainSong {
  /// Mean logit of what the model claims.
  fileprivate var meanLogit: Double {
    let logits = zip(valenceDeviations, arousalDeviations).map {
      ConfidenceCalibration.logit(valenceDeviation: $0, arousalDeviation: $1)
    }
    return logits.reduce(0, +) / Double(logits.count)
  }
}

/// The likelihood of a logistic curve over the logits that a model claims, with the priors.
private struct Likelihood {
  /// A frame: the claimed logit, whether the target was met (1 or 0), and the weight.
  private let samples: [(logit: Double, outcome: Double, weight: Double)]

  /// Weight of the prior of the slope: its log is `-(slope - 1)² · weight / 2`.
  private static let slopeWeight = 1.0
  /// Weight of the made-up sample on either side (Krichevsky and Trofimov, "The performance of universal encoding",
  /// 1981).
  private static let sideWeight = 0.5

  init(_ songs: [UncertainSong], copies: [UncertainSong]) {
    precondition(!songs.isEmpty)
    var samples: [(logit: Double, outcome: Double, weight: Double)] = []
    let share = Double(songs.count) / Double(max(1, copies.count))
    for (song, songWeight) in songs.map({ ($0, 1) }) + copies.map({ ($0, share) }) {
      let weight = songWeight / Double(song.labels.count)
      for index in song.labels.indices {
        let logit = ConfidenceCalibration.logit(
          valenceDeviation: song.valenceDeviations[index], arousalDeviation: song.arousalDeviations[index])
        let isMet = ConfidenceTarget.isMet(by: song.predictions[index], label: song.labels[index])
        samples.append((logit, isMet ? 1 : 0, weight))
      }
    }
    // At the mean logit the made-up samples say nothing about the slope.
    let mean = samples.reduce(0) { $0 + $1.logit * $1.weight } / samples.reduce(0) { $0 + $1.weight }
    self.samples = samples + [(mean, 1, Self.sideWeight), (mean, 0, Self.sideWeight)]
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

/// What the confidence of an estimate is the probability of.
public enum ConfidenceTarget {
  /// How far a value may lie from what listeners say, on the scale -1...1.
  public static var tolerance: Float { ConfidenceCalibration.tolerance }

  /// Whether both values of the prediction lie within ``tolerance`` of the label.
  public static func isMet(by prediction: Affect, label: Affect) -> Bool {
    Dimension.allCases.allSatisfy { abs($0.value(of: prediction) - $0.value(of: label)) <= tolerance }
  }
}

/// A song's labels beside what a model says of them and how unsure it claims to be.
public struct UncertainSong: Sendable {
  /// What listeners say, `[frames]`, at least one.
  public let labels: [Affect]
  /// What the model says, `[frames]`.
  public let predictions: [Affect]
  /// The standard deviations that the model claims for its valences, `[frames]`, above 0.
  public let valenceDeviations: [Float]
  /// The same for its arousals, `[frames]`.
  public let arousalDeviations: [Float]

  /// - Precondition: there is at least one label, and as many of everything else.
  public init(labels: [Affect], predictions: [Affect], valenceDeviations: [Float], arousalDeviations: [Float]) {
    precondition(!labels.isEmpty && predictions.count == labels.count)
    precondition(valenceDeviations.count == labels.count && arousalDeviations.count == labels.count)
    self.labels = labels
    self.predictions = predictions
    self.valenceDeviations = valenceDeviations
    self.arousalDeviations = arousalDeviations
  }

  /// The song with the confidences that `calibration` gives.
  public func scored(as identifier: String, calibration: ConfidenceCalibration) -> ScoredSong {
    ScoredSong(
      identifier: identifier, labels: labels, predictions: predictions,
      confidences: zip(valenceDeviations, arousalDeviations).map {
        calibration.confidence(valenceDeviation: $0, arousalDeviation: $1)
      })
  }
}
