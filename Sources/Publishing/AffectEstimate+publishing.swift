internal import Affect

extension AffectEstimate {
  /// The estimate with `affect` for its smoothed values; nil takes all values away.
  func replacingSmoothed(_ affect: Affect?) -> AffectEstimate {
    guard affect != values?.smoothed else { return self }
    let new = affect.map {
      Values(
        smoothed: $0, raw: values?.raw, trend: values?.trend ?? .steady, quadrant: values?.quadrant,
        confidence: values?.confidence)
    }
    return AffectEstimate(
      tick: tick, audioTime: audioTime, values: new, level: level, state: state, gap: gap, isFrozen: isFrozen,
      conditions: conditions)
  }

  /// The last estimate of all.
  var stopped: AffectEstimate {
    // Nothing is heard any more: the values are held.
    let held = values.map {
      Values(smoothed: $0.smoothed, raw: nil, trend: $0.trend, quadrant: $0.quadrant, confidence: nil)
    }
    return AffectEstimate(
      tick: tick, audioTime: audioTime, values: held, level: level, state: .stopping, isFrozen: isFrozen)
  }
}
