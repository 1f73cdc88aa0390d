internal import Glibc

/// The pitch that is heard most in a frame, by the enhanced autocorrelation of two channels: below 1 kHz the wave, above it
/// the envelope (Tolonen and Karjalainen, "A computationally efficient multipitch analysis model", 2000).
public final class SalientPitch {
  /// Samples of a frame.
  public static let length = 800
  private static let transformLength = 2048
  private static let range: ClosedRange<Float> = 75...2400
  /// Power of the amplitudes.
  private static let compression: Float = 0.67

  private let rate: Float
  private let window = periodicHannWindow(length: length)
  private let transform = RealFFT(length: transformLength)
  private let autocorrelation = Autocorrelation(frameLength: transformLength)
  private var low = [Float](repeating: 0, count: transformLength)
  private var high = [Float](repeating: 0, count: transformLength)
  private var lowPower = [Float](repeating: 0, count: transformLength / 2 + 1)
  private var highPower = [Float](repeating: 0, count: transformLength / 2 + 1)
  private var sum = [Float](repeating: 0, count: transformLength / 2 + 1)
  private var lags: [Float]
  /// The autocorrelation of the window, in units of that at 0: what makes that of a tone fall with the lag.
  private let fall: [Float]
  /// A peak at such a multiple of a shorter lag is there because of that one. Others are multiples of these.
  private static let multiples: [Float] = [2, 3, 5, 7, 11, 13, 17]

  public init(sampleRate: Double) {
    rate = Float(sampleRate)
    lags = Array(repeating: 0, count: Int(rate / Self.range.lowerBound) + 3)
    var power = [Float](repeating: 0, count: Self.transformLength / 2 + 1)
    transform.powerSpectrum(
      of: window + [Float](repeating: 0, count: Self.transformLength - Self.length), into: &power)
    var fall = lags
    autocorrelation.compute(power, count: fall.count, into: &fall, at: 0)
    self.fall = fall.map { [energy = fall[0]] in $0 / energy }
  }

  /// Hz; 0 if nothing is heard.
  ///
  /// - Parameter frame: ``length`` samples.
  public func find(_ frame: Span<Float>) -> Float {
    split(frame)
    transform.powerSpectrum(of: low, into: &lowPower)
    transform.powerSpectrum(of: high, into: &highPower)
    for bin in sum.indices {
      sum[bin] =
        powf(lowPower[bin], Self.compression / 2) + powf(highPower[bin], Self.compression / 2)
    }
    sum[0] = 0
    autocorrelation.compute(sum, count: lags.count, into: &lags, at: 0)
    guard lags[0] > 1e-3 else { return 0 }
    return strongest()
  }

  /// The part below 1 kHz, and the envelope of the part above, both under the window.
  private func split(_ frame: Span<Float>) {
    var (lowPass, highPass, smoothing) = (
      SecondOrderFilter.lowPass(1000, rate: rate), SecondOrderFilter.highPass(1000, rate: rate),
      SecondOrderFilter.lowPass(1000, rate: rate)
    )
    for index in frame.indices {
      let above = smoothing.next(max(0, highPass.next(frame[index])))
      low[index] = window[index] * lowPass.next(frame[index])
      high[index] = above
    }
    // The envelope is positive: without its mean, which would have no period.
    var mean: Float = 0
    for index in frame.indices { mean += high[index] }
    mean /= Float(frame.count)
    for index in frame.indices { high[index] = window[index] * (high[index] - mean) }
  }

  /// The highest peak of the autocorrelation, without what is there only because a shorter lag has a peak.
  private func strongest() -> Float {
    let (shortest, longest) = (Int(rate / Self.range.upperBound), Int(rate / Self.range.lowerBound))
    func positive(_ lag: Float) -> Float {
      let whole = Int(lag)
      let part = lag - Float(whole)
      return max(0, (1 - part) * lags[whole] + part * lags[whole + 1])
    }
    // Up to the first zero it is the width of the peak at 0.
    let first = max(Float(shortest), Float(lags.firstIndex { $0 < 0 } ?? lags.count))
    func enhanced(_ lag: Int) -> Float {
      Self.multiples.reduce(max(0, lags[lag])) { value, factor in
        let shorter = Float(lag) / factor
        return shorter < first ? value : max(0, value - positive(shorter))
      }
    }
    var best = (lag: 0, value: Float(0))
    for lag in shortest...longest where lags[lag] >= lags[lag - 1] && lags[lag] > lags[lag + 1] {
      let value = enhanced(lag)
      if value > best.value { best = (lag, value) }
    }
    guard best.lag > 0 else { return 0 }
    // Without the fall, which draws peaks to shorter lags.
    func level(_ lag: Int) -> Float { lags[lag] / fall[lag] }
    var peak = best.lag
    for near in max(1, peak - 2)...min(peak + 2, longest) where level(near) > level(peak) { peak = near }
    let (left, here, right) = (level(peak - 1), level(peak), level(peak + 1))
    let curvature = left - 2 * here + right
    return rate / (Float(peak) + (curvature < 0 ? min(max(0.5 * (left - right) / curvature, -0.5), 0.5) : 0))
  }
}

/// A filter of Butterworth's with two poles (Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter
/// coefficients").
private struct SecondOrderFilter {
  private let forward: SIMD3<Float>
  private let backward: SIMD2<Float>
  private var inputs = SIMD2<Float>.zero
  private var outputs = SIMD2<Float>.zero

  static func lowPass(_ frequency: Float, rate: Float) -> SecondOrderFilter {
    let angle = 2 * Float.pi * frequency / rate
    let edge = (1 - cosf(angle)) / 2
    return SecondOrderFilter(angle, forward: SIMD3(edge, 2 * edge, edge))
  }

  static func highPass(_ frequency: Float, rate: Float) -> SecondOrderFilter {
    let angle = 2 * Float.pi * frequency / rate
    let edge = (1 + cosf(angle)) / 2
    return SecondOrderFilter(angle, forward: SIMD3(edge, -2 * edge, edge))
  }

  private init(_ angle: Float, forward: SIMD3<Float>) {
    let alpha = sinf(angle) / Float(2).squareRoot()
    self.forward = forward / (1 + alpha)
    backward = SIMD2(-2 * cosf(angle), 1 - alpha) / (1 + alpha)
  }

  mutating func next(_ input: Float) -> Float {
    let output =
      forward.x * input + forward.y * inputs.x + forward.z * inputs.y - backward.x * outputs.x - backward.y * outputs.y
    inputs = SIMD2(input, inputs.x)
    outputs = SIMD2(output, outputs.x)
    return output
  }
}
