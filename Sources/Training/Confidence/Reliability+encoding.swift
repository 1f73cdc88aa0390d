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
