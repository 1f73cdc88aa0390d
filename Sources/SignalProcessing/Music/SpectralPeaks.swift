internal import Glibc

/// The partials of a spectrum, from below, and what they say of a sound.
public struct SpectralPeaks: Sendable {
  public struct Peak: Sendable {
    /// Hz
    public let frequency: Float
    public let amplitude: Float

    public init(frequency: Float, amplitude: Float) {
      self.frequency = frequency
      self.amplitude = amplitude
    }
  }

  public let peaks: [Peak]

  /// A peak stands out if it is at least so high, as a share of the highest.
  private static let contrast: Float = 0.01

  public init(_ peaks: [Peak]) {
    self.peaks = peaks
  }

  /// The maxima of a spectrum, by the parabola through three bins.
  ///
  /// - Parameters:
  ///   - amplitude: `[bins]`
  ///   - binWidth: Hz.
  public init(of amplitude: [Float], binWidth: Float) {
    let least = Self.contrast * (amplitude.max() ?? 0)
    var peaks: [Peak] = []
    for bin in 1..<amplitude.count - 1 {
      let (left, here, right) = (amplitude[bin - 1], amplitude[bin], amplitude[bin + 1])
      guard here > left, here >= right, here >= least, here > 1e-9 else { continue }
      let curvature = left - 2 * here + right
      let shift = curvature < 0 ? 0.5 * (left - right) / curvature : 0
      peaks.append(
        Peak(frequency: (Float(bin) + shift) * binWidth, amplitude: here - 0.25 * (left - right) * shift))
    }
    self.peaks = peaks
  }

  /// How much the partials beat against each other: of each pair the product of the amplitudes, times how rough two tones
  /// at this distance are (Plomp and Levelt, "Tonal consonance and critical bandwidth", 1965, by the curve of Sethares,
  /// "Local consonance and the relationship between timbre and scale", 1993).
  public var roughness: Float {
    var sum: Float = 0
    for (index, low) in peaks.enumerated() {
      let scale = 0.24 / (0.0207 * low.frequency + 18.96)
      for high in peaks[(index + 1)...] {
        let distance = scale * (high.frequency - low.frequency)
        // Nothing that counts lies further away.
        if distance > 4 { break }
        sum += low.amplitude * high.amplitude * (expf(-3.51 * distance) - expf(-5.75 * distance))
      }
    }
    return sum
  }

  /// How much successive partials differ, 0 to about 2: the squares of the differences of their amplitudes over the squares
  /// of the amplitudes (Jensen, "Timbre models of musical sounds", 1999). Of partials less than a semitone apart the stronger
  /// one counts; behind the last one is silence.
  public var irregularity: Float {
    var partials: [Peak] = []
    for peak in peaks {
      if let last = partials.last, peak.frequency < last.frequency * Self.semitone {
        if peak.amplitude > last.amplitude { partials[partials.count - 1] = peak }
      } else {
        partials.append(peak)
      }
    }
    let energy = partials.reduce(0) { $0 + $1.amplitude * $1.amplitude }
    guard energy > 0 else { return 0 }
    let next = partials.dropFirst().map(\.amplitude) + [0]
    return zip(partials, next).reduce(0) { $0 + ($1.0.amplitude - $1.1) * ($1.0.amplitude - $1.1) } / energy
  }

  private static let semitone = exp2f(1 / 12)
}
