/// How often a signal changes its sign.
public enum ZeroCrossings {
  /// What would be 0 in 16 bits is 0.
  private static let limit: Float = 1 / 65_536

  /// Changes per sample.
  ///
  /// A 0 is a change unless the samples before and after it have the same sign, so silence has nearly one per sample. The
  /// last sample does not count. Both were found by comparing with openSMILE's output.
  public static func rate(of samples: Span<Float>) -> Float {
    func sign(_ sample: Float) -> Int { (sample > limit ? 1 : 0) - (sample < -limit ? 1 : 0) }
    guard samples.count > 2 else { return 0 }
    var count = 0
    var (before, here) = (sign(samples[0]), sign(samples[1]))
    for place in 1..<samples.count - 1 {
      let after = sign(samples[place + 1])
      let isChange = before * here < 0 || here == 0 && before * after <= 0
      count += isChange ? 1 : 0
      (before, here) = (here, after)
    }
    return Float(count) / Float(samples.count)
  }
}
