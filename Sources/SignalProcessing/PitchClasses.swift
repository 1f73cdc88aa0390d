internal import Glibc

/// How strongly the twelve pitch classes sound in a frame of audio: the peaks of its spectrum, each counted for the pitch
/// class that it lies nearest to (after Gómez, "Tonal description of polyphonic audio for music content processing",
/// 2006). The reference pitch is A = 440 Hz; tuning is not corrected.
public struct PitchClasses {
  /// From A upwards in semitones.
  public static let count = 12
  /// Samples in a frame.
  public static let frameLength = 4096

  /// Where fundamental tones and their first harmonics lie, Hz.
  private static let band = 60.0..<2200.0
  private static let reference = 440.0

  private let sampleRate: Double
  private let transform = RealFFT(length: frameLength)
  private let window = periodicHannWindow(length: frameLength)
  /// The bins of the band.
  private let bins: Range<Int>
  private var frame = [Float](repeating: 0, count: frameLength)
  private var power: [Float]
  /// What the amplitude of each bin is multiplied with; empty for 1.
  private var factors: [Float] = []

  /// - Parameter sampleRate: Hz, above twice the band: 4400.
  public init(sampleRate: Double) {
    precondition(sampleRate > 2 * Self.band.upperBound)
    self.sampleRate = sampleRate
    let width = sampleRate / Double(Self.frameLength)
    bins = Int((Self.band.lowerBound / width).rounded(.up))..<Int((Self.band.upperBound / width).rounded(.up))
    power = Array(repeating: 0, count: transform.binCount)
  }

  mutating func use(_ filter: VenueFilter?) {
    let width = sampleRate / Double(Self.frameLength)
    factors = filter.map { filter in power.indices.map { filter.amplitude(at: Double($0) * width) } } ?? []
  }

  /// Adds the pitch classes of the frame of `audio` that begins at `start` to `classes` `[12]`, in units of the amplitude
  /// spectrum.
  public mutating func add(_ audio: Span<Float>, startingAt start: Int, to classes: inout [Float]) {
    for index in frame.indices { frame[index] = audio[start + index] * window[index] }
    transform.powerSpectrum(of: frame, into: &power)
    for bin in bins where power[bin] > power[bin - 1] && power[bin] >= power[bin + 1] {
      let magnitude = power[bin].squareRoot() * (factors.isEmpty ? 1 : factors[bin])
      // The vertex of the parabola through three logarithms (Smith and Serra, "PARSHL", 1987).
      let (left, here, right) = (Self.level(power[bin - 1]), Self.level(power[bin]), Self.level(power[bin + 1]))
      let curvature = left - 2 * here + right
      let shift = curvature < 0 ? min(max(0.5 * (left - right) / curvature, -0.5), 0.5) : 0
      let frequency = (Double(bin) + Double(shift)) * sampleRate / Double(Self.frameLength)
      let semitones = 12 * log2(frequency / Self.reference)
      let nearest = semitones.rounded()
      let weight = cos(.pi * (semitones - nearest))
      // The lowest peaks lie almost three octaves under the reference: ten octaves make every number positive.
      classes[(Int(nearest) + 10 * Self.count) % Self.count] += magnitude * Float(weight * weight)
    }
  }

  /// Logarithm of the amplitude.
  private static func level(_ power: Float) -> Float { logf(power.squareRoot() + 1e-6) }
}
