/// How far the peaks of a power spectrum stand out of the valleys beside them: half the sum of the differences between
/// successive extrema, divided by the bins (Eyben, "Real-time Speech and Music Classification by Large Audio Feature Space
/// Extraction", 2016; what an extremum is was found by comparing with openSMILE's output).
public enum SpectralHarmonicity {
  /// - Parameter power: `[bins]`, from 0 Hz to the Nyquist frequency. An extremum lies above or below the two bins on either
  ///   side; the bin at 0 Hz does not count.
  public static func value(of power: [Float]) -> Float {
    let power = power.span
    var sum: Float = 0
    var last: Float?
    for bin in 3..<power.count - 2 {
      let value = power[bin]
      let (left, farLeft, right, farRight) = (power[bin - 1], power[bin - 2], power[bin + 1], power[bin + 2])
      let isPeak = value > left && value > right && value > farLeft && value > farRight
      let isValley = value < left && value < right && value < farLeft && value < farRight
      guard isPeak || isValley else { continue }
      if let last { sum += abs(value - last) }
      last = value
    }
    return sum / 2 / Float(power.count - 1)
  }
}
