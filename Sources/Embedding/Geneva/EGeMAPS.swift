internal import Glibc
public import SignalProcessing

/// The extended Geneva minimalistic acoustic parameter set, version 02: 88 numbers of a window that say how a voice, or
/// music, sounds (Eyben and others, "The Geneva minimalistic acoustic parameter set (GeMAPS) for voice research and
/// affective computing", IEEE Transactions on Affective Computing 7, 2016).
///
/// 25 descriptors of frames are smoothed over three frames, and told as means, variations, percentiles, slopes and rates:
/// loudness, five of the spectrum, four cepstral coefficients; and where there is a fundamental frequency, that, the
/// irregularity of its periods, and its harmonics and formants. Of several voices at once the latter mean little.
///
/// The window moves by frames of 10 ms. Its values depend on its samples alone. A venue's filter acts on all but what is
/// measured on the wave itself: the level, jitter and shimmer.
public struct EGeMAPS: AudioEmbedder {
  /// How long a window is. The raw values are the identifiers.
  public enum Window: String, Sendable {
    /// 1 s
    case second = "egemaps-88"
    /// 0.2 s
    case fifth = "egemaps-88-200ms"

    /// Samples.
    var length: Int { self == .second ? 16_000 : 3200 }
  }

  public let window: Window

  public var identifier: String { window.rawValue }
  public var sampleRate: Int { Self.rate }
  public var windowLength: Int { window.length }
  public var windowStep: Int { Self.step }
  public var dimension: Int { Self.names.count }
  public var valueNames: [String] { Self.names }

  static let rate = 16_000
  static let step = 160

  private var short: GenevaShortFrames
  private var long: GenevaLongFrames

  public init(_ window: Window = .second) {
    self.window = window
    short = GenevaShortFrames(windowLength: window.length)
    long = GenevaLongFrames(windowLength: window.length)
  }

  public mutating func restart() {
    short.restart()
    long.restart()
  }

  public mutating func use(_ filter: VenueFilter?) {
    short.use(filter)
    long.use(filter)
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    short.move(to: window, startingAt: start)
    long.move(to: window, startingAt: start, formants: short)
    var place = 0
    func write(_ numbers: Float...) {
      for number in numbers {
        embedding[place] = number
        place += 1
      }
    }
    func writeMeanAndVariation(_ values: [Float]) {
      let (mean, variation) = Functionals.meanAndVariation(values)
      write(mean, variation)
    }
    func writeTen(_ values: [Float]) {
      writeMeanAndVariation(values)
      let sorted = values.sorted()
      let (low, middle, high) = (
        Functionals.percentile(0.2, of: sorted), Functionals.percentile(0.5, of: sorted),
        Functionals.percentile(0.8, of: sorted)
      )
      write(low, middle, high, high - low)
      let slopes = slopes(values)
      for slopes in [slopes.rising, slopes.falling] {
        let (mean, deviation) = Functionals.meanAndDeviation(slopes)
        write(mean, deviation)
      }
    }

    writeTen(longFrames { long.semitones($0) })
    let loudness = everywhere(.loudness)
    writeTen(loudness)
    for descriptor in [GenevaShortFrames.Descriptor.flux] + GenevaShortFrames.Descriptor.cepstrum {
      writeMeanAndVariation(everywhere(descriptor))
    }
    for descriptor in GenevaLongFrames.Descriptor.allCases {
      writeMeanAndVariation(longFrames { long[$0, descriptor] })
    }
    for descriptor in GenevaShortFrames.Descriptor.spectral + [.flux] + GenevaShortFrames.Descriptor.cepstrum {
      writeMeanAndVariation(longFrames { long.isVoiced($0) ? present(short[$0, descriptor]) : .nan })
    }
    for descriptor in GenevaShortFrames.Descriptor.spectral + [.flux] {
      write(Functionals.meanAndVariation(longFrames { long.isVoiced($0) ? .nan : present(short[$0, descriptor]) }).mean)
    }

    let second = Float(Self.rate / Self.step)
    let points = Functionals.turningPoints(loudness)
    let peaks = points.indices.dropFirst().dropLast().count { loudness[points[$0]] > loudness[points[$0 - 1]] }
    let segments = Functionals.segments((0..<long.count).map { long.isVoiced($0) })
    let voicedLengths = Functionals.meanAndDeviation(segments.voiced.map { $0 / second })
    let unvoicedLengths = Functionals.meanAndDeviation(segments.unvoiced.map { $0 / second })
    write(Float(peaks) * second / Float(short.count), Float(segments.voiced.count) * second / Float(long.count))
    write(voicedLengths.mean, voicedLengths.deviation, unvoicedLengths.mean, unvoicedLengths.deviation)
    write(10 * log10f(max(short.meanEnergy, 1e-12)))
  }

  /// Of the last window: loudness, alpha ratio, Hammarberg index, the two slopes, flux and four cepstral coefficients of
  /// every short frame, smoothed, `[10][frames]`.
  package var smoothedFrames: [[Float]] {
    ([.loudness] + GenevaShortFrames.Descriptor.spectral + [.flux] + GenevaShortFrames.Descriptor.cepstrum)
      .map { everywhere($0) }
  }

  /// A descriptor of all short frames, smoothed.
  private func everywhere(_ descriptor: GenevaShortFrames.Descriptor) -> [Float] {
    Functionals.smooth((0..<short.count).map { short[$0, descriptor] })
  }

  /// Some values of the long frames, NaN where they are missing, smoothed, and those that are there.
  private func longFrames(_ value: (_ row: Int) -> Float) -> [Float] {
    Functionals.smooth((0..<long.count).map(value)).filter { !$0.isNaN }
  }

  /// A value of 0 is what a silent frame has, and counts as missing.
  private func present(_ value: Float) -> Float { value == 0 ? .nan : value }

  /// Slopes between successive turning points, per second, all of them positive.
  private func slopes(_ values: [Float]) -> (rising: [Float], falling: [Float]) {
    let points = Functionals.turningPoints(values)
    var result: (rising: [Float], falling: [Float]) = ([], [])
    for (start, end) in zip(points, points.dropFirst()) {
      let slope = (values[end] - values[start]) * Float(Self.rate / Self.step) / Float(end - start)
      if slope > 0 { result.rising.append(slope) } else { result.falling.append(-slope) }
    }
    return result
  }

  private static let names: [String] = {
    func ten(_ name: String) -> [String] {
      [
        "mean", "variation", "p20", "p50", "p80", "p20_to_p80", "rising_slope_mean", "rising_slope_std",
        "falling_slope_mean", "falling_slope_std",
      ].map { "\(name)_\($0)" }
    }
    func two(_ names: [String]) -> [String] { names.flatMap { ["\($0)_mean", "\($0)_variation"] } }
    let spectral = ["alpha_ratio", "hammarberg", "slope_0_500", "slope_500_1500"]
    let rest = ["flux"] + (1...4).map { "mfcc_\($0)" }
    let formants = (1...3).flatMap { ["f\($0)_frequency", "f\($0)_bandwidth", "f\($0)_amplitude"] }
    let names =
      ten("f0") + ten("loudness") + two(rest)
      + two(["jitter", "shimmer", "hnr", "h1_h2", "h1_a3"] + formants)
      + two((spectral + rest).map { "\($0)_voiced" })
      + (spectral + ["flux"]).map { "\($0)_unvoiced_mean" }
      + [
        "loudness_peaks_per_second", "voiced_segments_per_second", "voiced_length_mean", "voiced_length_std",
        "unvoiced_length_mean", "unvoiced_length_std", "level",
      ]
    return names.map { "egemaps_\($0)" }
  }()
}
