internal import Glibc
internal import SignalProcessing

/// What ``EGeMAPS`` measures on frames of 60 ms under a Gaussian window: the fundamental frequency, and what is said of a
/// voice by it.
struct GenevaLongFrames {
  enum Descriptor: CaseIterable {
    case jitter
    /// dB
    case shimmer
    /// Power of the harmonics over that of the noise, dB.
    case harmonicsToNoise
    /// First harmonic over the second, and over the strongest near the third formant, dB.
    case firstOverSecond, firstOverThirdFormant
    /// Hz, Hz, and dB over the first harmonic.
    case frequency1, bandwidth1, amplitude1
    case frequency2, bandwidth2, amplitude2
    case frequency3, bandwidth3, amplitude3
  }

  private enum Column {
    static let candidates = 0
    static let energy = SubharmonicSummation.valueCount
    static let correlation = energy + 1
    static let levels = correlation + GenevaLongFrames.lagCount
    static let end = levels + GenevaLongFrames.levelCount
  }

  static let length = 960
  private static let transformLength = 1024
  /// Lags of the longest period, and a tenth more.
  fileprivate static let lagCount = 331
  /// Bins up to 6 kHz.
  fileprivate static let levelCount = 386
  /// Below this root of the mean square, a frame is unvoiced.
  private static let silence: Float = 0.001

  /// Frames of a window.
  let count: Int
  private var ring = FrameRing(width: Column.end)
  private var spectra: FilteredSpectra
  private var summation: SubharmonicSummation
  private let autocorrelation = Autocorrelation(frameLength: transformLength)
  private var path: PitchPath
  private var periods: PitchPeriods
  private var harmonics: HarmonicLevels
  private var amplitude: [Float]
  /// `[frames × descriptors]` of the window.
  private var described: [Float]

  init(windowLength: Int) {
    count = (windowLength - Self.length) / EGeMAPS.step + 1
    let rate = Double(EGeMAPS.rate)
    let centre = Double(Self.length - 1) / 2
    let window = (0..<Self.transformLength).map { index in
      let place = (Double(index) - centre) / (0.4 * centre)
      return index < Self.length ? Float(exp(-0.5 * place * place)) : 0
    }
    spectra = FilteredSpectra(
      frameLength: Self.transformLength, frameStep: EGeMAPS.step, window: window, sampleRate: rate)
    summation = SubharmonicSummation(frameLength: Self.transformLength, sampleRate: rate)
    path = PitchPath(frameCount: count)
    periods = PitchPeriods(
      frameCount: count, frameLength: Self.length, frameStep: EGeMAPS.step, sampleRate: rate)
    harmonics = HarmonicLevels(binWidth: rate / Double(Self.transformLength))
    amplitude = Array(repeating: 0, count: Self.transformLength / 2 + 1)
    described = Array(repeating: .nan, count: count * Descriptor.allCases.count)
  }

  mutating func restart() { ring.restart() }

  mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  func isVoiced(_ row: Int) -> Bool { path.frequencies[row] > 0 }

  /// The fundamental frequency in semitones over 27.5 Hz; NaN where a frame is unvoiced.
  func semitones(_ row: Int) -> Float { isVoiced(row) ? 12 * log2f(path.frequencies[row] / 27.5) : .nan }

  /// A descriptor of a frame of the window; NaN where it is missing.
  subscript(row: Int, descriptor: Descriptor) -> Float {
    described[row * Descriptor.allCases.count + Self.columns[descriptor]!]  // all of them are there
  }

  private static let columns = Dictionary(
    uniqueKeysWithValues: Descriptor.allCases.enumerated().map { ($1, $0) })

  /// - Parameter formants: of the short frames, which begin where the long ones do.
  mutating func move(to window: Span<Float>, startingAt start: Int, formants: GenevaShortFrames) {
    let first = start / EGeMAPS.step
    var ring = ring
    self.ring = FrameRing(width: 0)
    ring.move(to: first..<first + count) { frames, values, place in
      let begin = frames.lowerBound * EGeMAPS.step - start
      var spectra = spectra
      spectra.compute(window, startingAt: begin, count: frames.count) { frame, power in
        analyse(power, into: &values, at: place + frame * Column.end)
      }
      for frame in 0..<frames.count {
        let samples = window.extracting(begin + frame * EGeMAPS.step..<begin + frame * EGeMAPS.step + Self.length)
        var energy: Float = 0
        for index in samples.indices { energy += samples[index] * samples[index] }
        values[place + frame * Column.end + Column.energy] = energy / Float(Self.length)
      }
    }
    self.ring = ring
    path.follow(ring, at: Column.candidates) { ring[$0, Column.energy] < Self.silence * Self.silence }
    periods.measure(window, frequencies: path.frequencies)
    for row in 0..<count { describe(row, formants) }
  }

  /// What of a frame does not depend on the window.
  private mutating func analyse(_ power: [Float], into values: inout [Float], at place: Int) {
    for bin in amplitude.indices { amplitude[bin] = power[bin].squareRoot() }
    summation.apply(to: amplitude, into: &values, at: place + Column.candidates)
    // What cannot be voiced needs nothing else.
    guard PitchPath.mayBeVoiced(values, at: place + Column.candidates) else { return }
    autocorrelation.compute(power, count: Self.lagCount, into: &values, at: place + Column.correlation)
    for bin in 0..<Self.levelCount { values[place + Column.levels + bin] = 10 * log10f(max(power[bin], 1e-18)) }
  }

  private mutating func describe(_ row: Int, _ formants: GenevaShortFrames) {
    let frequency = path.frequencies[row]
    var result: [Float] = []
    if frequency > 0 {
      ring.withFrame(row) { frame in
        let levels = frame.span.extracting(Column.levels..<Column.end)
        harmonics.read(levels, frequency: frequency)
      }
      let over = (0..<3).map { harmonics.formantOverFirst(formants.formant(row, $0, part: 0)) }
      result = [
        periods.jitter[row], periods.shimmer[row], harmonicsToNoise(row, frequency), harmonics.firstOverSecond,
        -over[2],
      ]
      for index in 0..<3 {
        result += [formants.formant(row, index, part: 0), formants.formant(row, index, part: 1), over[index]]
      }
    } else {
      result = Array(repeating: .nan, count: Descriptor.allCases.count)
    }
    for (index, value) in result.enumerated() { described[row * result.count + index] = value }
  }

  /// By the autocorrelation at the period (Boersma, "Accurate short-term analysis of the fundamental frequency and the
  /// harmonics-to-noise ratio of a sampled sound", 1993).
  private func harmonicsToNoise(_ row: Int, _ frequency: Float) -> Float {
    let period = Float(EGeMAPS.rate) / frequency
    let reach = max(1, Int(0.1 * period))
    let centre = Int(period.rounded())
    var best = -Float.infinity
    for lag in max(1, centre - reach)...min(centre + reach, Self.lagCount - 1) {
      best = max(best, ring[row, Column.correlation + lag])
    }
    let energy = ring[row, Column.correlation]
    return 10 * log10f(max(best / max(energy - best, 1e-20), 1e-10))
  }
}
