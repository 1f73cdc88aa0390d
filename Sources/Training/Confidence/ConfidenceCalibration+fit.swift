public import Affect
public import EmotionModel

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
    precondition(!songs.isEmpty)
    var samples: [LogisticLikelihood.Sample] = []
    let share = Double(songs.count) / Double(max(1, copies.count))
    for (song, songWeight) in songs.map({ ($0, 1) }) + copies.map({ ($0, share) }) {
      let weight = songWeight / Double(song.labels.count)
      for index in song.labels.indices {
        let logit = ConfidenceCalibration.logit(
          valenceDeviation: song.valenceDeviations[index], arousalDeviation: song.arousalDeviations[index])
        let isMet = ConfidenceTarget.isMet(by: song.predictions[index], label: song.labels[index])
        samples.append(.init(logit: logit, outcome: isMet ? 1 : 0, weight: weight))
      }
    }
    return fit(samples)
  }

  /// Fits the calibration of a model that tells quadrants apart, on songs that it was not trained on.
  ///
  /// - Precondition: there is at least one song, each with its probabilities.
  static func fit(_ songs: [ScoredQuadrant]) -> Fit {
    fit(
      songs.map { song in
        .init(
          logit: ConfidenceCalibration.logit(song.claim),
          outcome: song.prediction == song.label ? 1 : 0, weight: 1)
      })
  }

  private static func fit(_ samples: [LogisticLikelihood.Sample]) -> Fit {
    let likelihood = LogisticLikelihood(samples)
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
