internal import Glibc

/// Psychoacoustic sharpness of a power spectrum, after Zwicker and Fastl, "Psychoacoustics", 2nd edition 1999, section 9.1:
/// 0.11 times the mean of the critical-band rate, in which what lies high counts more. The power stands for the specific
/// loudness (Eyben, "Real-time Speech and Music Classification by Large Audio Feature Space Extraction", 2016).
public struct Sharpness: Sendable {
  /// What a bin's power counts, `[bins]`; that at 0 Hz does not.
  private let weights: [Float]

  /// - Parameter binCount: bins of the spectrum, from 0 Hz to the Nyquist frequency.
  public init(binCount: Int, sampleRate: Double) {
    let binWidth = sampleRate / 2 / Double(binCount - 1)
    weights =
      [0]
      + (1..<binCount).map { bin in
        let rate = Self.criticalBandRate(at: Double(bin) * binWidth)
        return Float(0.11 * rate * Self.emphasis(at: rate))
      }
  }

  /// The sharpness of `power`, `[bins]`; 0 of silence.
  public func value(of power: [Float]) -> Float {
    let (power, weights) = (power.span, weights.span)
    var (sum, total): (Float, Float) = (0, 0)
    for bin in 1..<power.count {
      sum += weights[bin] * power[bin]
      total += power[bin]
    }
    return Double(total) < SpectralShape.silence ? 0 : sum / total
  }

  /// Bark, with its corrections at both ends (Traunmüller, "Analytical expressions for the tonotopic sensory scale", 1990).
  static func criticalBandRate(at frequency: Double) -> Double {
    let rate = 26.81 * frequency / (1960 + frequency) - 0.53
    if rate < 2 { return rate + 0.15 * (2 - rate) }
    return rate > 20.1 ? rate + 0.22 * (rate - 20.1) : rate
  }

  /// Fastl's curve: 1 up to 16 Bark, 2 at 20 and 4 at 24. Its form between was found by comparing with openSMILE's output.
  static func emphasis(at rate: Double) -> Double {
    rate <= 16 ? 1 : 1 + pow((rate - 16) / 4, log2(3))
  }
}
