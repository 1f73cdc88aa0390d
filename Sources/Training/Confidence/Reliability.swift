/// Whether a confidence means what it says: of the frames with a confidence near 0.7, about 70 % should have met
/// ``ConfidenceTarget``. Every frame weighs the same.
public struct Reliability: Sendable, Equatable {
  public struct Bin: Sendable, Equatable {
    /// The least and the greatest confidence in it.
    public let range: ClosedRange<Float>
    public let frameCount: Int
    /// Songs with at least one frame in it.
    public let songCount: Int
    public let meanConfidence: Double
    /// Share of the frames that met the target, 0...1.
    public let observedShare: Double
  }

  /// By rising confidence.
  ///
  /// They hold about as many frames each, rather than being equally wide: confidences crowd in a narrow range, and most
  /// bins of equal width would rest on a handful of songs or none. Frames of equal confidence share a bin, and there is
  /// a bin for every five songs, up to ten.
  public let bins: [Bin]
  /// Mean distance between confidence and observed share over the bins, weighted by frames, 0...1 (Naeini and others,
  /// "Obtaining well calibrated probabilities using Bayesian binning", 2015).
  public let expectedCalibrationError: Double
  /// Mean squared distance between confidence and outcome (1 or 0), 0...1 (Brier, "Verification of forecasts expressed
  /// in terms of probability", 1950).
  public let brierScore: Double
  /// Share of all frames that met the target, 0...1.
  public let baseRate: Double
  /// The Brier score of a model that always says ``baseRate``: a confidence that is no better does not tell good frames
  /// from bad ones.
  public var baseRateBrierScore: Double { baseRate * (1 - baseRate) }

  /// Nil if no song has confidences; songs without them are left out.
  public init?(_ songs: [ScoredSong]) {
    var frames: [Frame] = []
    var songCount = 0
    for song in songs {
      guard let confidences = song.confidences else { continue }
      for (confidence, (label, prediction)) in zip(confidences, zip(song.labels, song.predictions)) {
        let isMet = ConfidenceTarget.isMet(by: prediction, label: label)
        frames.append(Frame(confidence: confidence, outcome: isMet ? 1 : 0, song: songCount))
      }
      songCount += 1
    }
    guard !frames.isEmpty else { return nil }
    frames.sort { $0.confidence < $1.confidence }
    bins = Self.split(frames, parts: min(max(songCount / 5, 1), 10)).map(Bin.init)
    let count = Double(frames.count)
    expectedCalibrationError = bins.reduce(0) {
      $0 + Double($1.frameCount) / count * abs($1.meanConfidence - $1.observedShare)
    }
    brierScore =
      frames.reduce(0) { sum, frame in
        let distance = Double(frame.confidence) - frame.outcome
        return sum + distance * distance
      } / count
    baseRate = frames.reduce(0) { $0 + $1.outcome } / count
  }

  fileprivate struct Frame {
    let confidence: Float
    /// 1 if the target was met, otherwise 0.
    let outcome: Double
    let song: Int
  }

  /// Cuts sorted frames into about equal parts, but not between equal confidences.
  private static func split(_ frames: [Frame], parts: Int) -> [ArraySlice<Frame>] {
    var slices: [ArraySlice<Frame>] = []
    var start = 0
    for part in 1...parts {
      var end = max(start, frames.count * part / parts)
      while end > 0, end < frames.count, frames[end].confidence == frames[end - 1].confidence { end += 1 }
      if end > start { slices.append(frames[start..<end]) }
      start = end
    }
    return slices
  }
}

extension Reliability.Bin {
  /// - Precondition: `frames` are sorted by confidence, and there is at least one.
  fileprivate init(_ frames: ArraySlice<Reliability.Frame>) {
    let count = Double(frames.count)
    range = frames[frames.startIndex].confidence...frames[frames.endIndex - 1].confidence
    frameCount = frames.count
    songCount = Set(frames.map(\.song)).count
    meanConfidence = frames.reduce(0) { $0 + Double($1.confidence) } / count
    observedShare = frames.reduce(0) { $0 + $1.outcome } / count
  }
}

extension Reliability: Encodable {
  private enum Key: String, CodingKey {
    case bins
    case expectedCalibrationError = "expected_calibration_error"
    case brierScore = "brier_score"
    case baseRate = "base_rate"
    case baseRateBrierScore = "base_rate_brier_score"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(bins, forKey: .bins)
    try container.encode(expectedCalibrationError, forKey: .expectedCalibrationError)
    try container.encode(brierScore, forKey: .brierScore)
    try container.encode(baseRate, forKey: .baseRate)
    try container.encode(baseRateBrierScore, forKey: .baseRateBrierScore)
  }
}

extension Reliability.Bin: Encodable {
  private enum Key: String, CodingKey {
    case lower, upper, frames, songs
    case meanConfidence = "mean_confidence"
    case observedShare = "observed_share"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(range.lowerBound, forKey: .lower)
    try container.encode(range.upperBound, forKey: .upper)
    try container.encode(frameCount, forKey: .frames)
    try container.encode(songCount, forKey: .songs)
    try container.encode(meanConfidence, forKey: .meanConfidence)
    try container.encode(observedShare, forKey: .observedShare)
  }
}
