internal import Glibc

/// What the power spectrum of a frame looks like, without its bin at 0 Hz: Eyben, "Real-time Speech and Music
/// Classification by Large Audio Feature Space Extraction", 2016.
///
/// The power counts as a distribution over the frequencies. Of silence, all are 0 but the roll-off, which is the first
/// bin's.
public struct SpectralShape: Sendable {
  /// Below these frequencies lie 25, 50, 75 and 90 % of the power, Hz.
  public private(set) var rollOff: [4 of Float]
  /// Mean frequency, Hz.
  public private(set) var centroid: Float = 0
  /// Of the distribution, bit. openSMILE's is larger in frames below about -80 dBFS, since it holds the powers, but not
  /// their sum, at 1e-7 or more.
  public private(set) var entropy: Float = 0
  /// Of the frequency, Hz².
  public private(set) var variance: Float = 0
  /// Third central moment over that of the standard deviation.
  public private(set) var skewness: Float = 0
  /// Fourth central moment over the square of the variance; 3 for a normal distribution.
  public private(set) var kurtosis: Float = 0
  /// Of the straight line through the power that has the least squares, per Hz.
  public private(set) var slope: Float = 0

  /// Parts of the power of ``rollOff``.
  private static let parts: [4 of Double] = [0.25, 0.5, 0.75, 0.9]
  /// A spectrum with less power in all is silence: far less than a single sample of 16 bits has.
  static let silence = 1e-12

  /// - Parameters:
  ///   - power: `[bins]`, from 0 Hz to the Nyquist frequency.
  ///   - binWidth: Hz from one bin to the next.
  public init(of power: [Float], binWidth: Float) {
    let power = power.span
    let width = Double(binWidth)
    let count = Double(power.count - 1)
    rollOff = [4 of Float](repeating: binWidth)
    var (total, moment) = (0.0, 0.0)
    for bin in 1..<power.count {
      total += Double(power[bin])
      moment += Double(power[bin]) * Double(bin)
    }
    guard total >= Self.silence else { return }
    let mean = moment / total
    let middle = (count + 1) / 2
    centroid = Float(mean * width)
    // Of the numbers 1...count.
    let squares = count * (count * count - 1) / 12
    slope = Float((moment - middle * total) / squares / width)

    var (second, third, fourth, information, sum) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var part = 0
    for bin in 1..<power.count {
      let value = Double(power[bin])
      let distance = Double(bin) - mean
      let square = distance * distance
      second += value * square
      third += value * square * distance
      fourth += value * square * square
      if power[bin] > 0 { information -= value * Double(log2f(power[bin])) }
      sum += value
      while part < Self.parts.count, sum >= Self.parts[part] * total {
        rollOff[part] = Float(bin) * binWidth
        part += 1
      }
    }
    second /= total
    variance = Float(second * width * width)
    entropy = Float(max(0, information / total + log2(total)))
    // All in one bin has no form.
    guard second > 1e-9 else { return }
    skewness = Float(third / total / (second * second.squareRoot()))
    kurtosis = Float(fourth / total / (second * second))
  }
}
