internal import Glibc
internal import SignalProcessing

/// The fundamental frequency of a voice in the frames of a window, and how regular its periods are. Frames of 60 ms under a
/// Gaussian window, 10 ms apart, of audio at 16 kHz.
struct VoiceFrames {
  static let sampleRate = 16_000
  /// Samples of a frame, and from one to the next.
  static let length = 960
  static let step = 160
  private static let transformLength = 1024
  /// Hz from one bin to the next of ``withLevels(_:_:)``.
  static let binWidth = Double(sampleRate) / Double(transformLength)

  private enum Column {
    static let candidates = 0
    static let energy = SubharmonicSummation.valueCount
    static let correlation = energy + 1
    static let levels = correlation + VoiceFrames.lagCount
    static let end = levels + VoiceFrames.levelCount
  }

  /// Lags of the longest period, and a tenth more.
  private static let lagCount = 331
  /// Bins up to 6 kHz.
  private static let levelCount = 386
  /// Below this root of the mean square, a frame is unvoiced.
  private static let silence: Float = 0.001

  /// Frames of a window.
  let count: Int
  private(set) var periods: PitchPeriods
  private var path: PitchPath
  private var ring = FrameRing(width: Column.end)
  private var spectra: FilteredSpectra
  private var summation: SubharmonicSummation
  private let autocorrelation = Autocorrelation(frameLength: transformLength)
  private var amplitude: [Float]

  init(windowLength: Int) {
    count = (windowLength - Self.length) / Self.step + 1
    let rate = Double(Self.sampleRate)
    let centre = Double(Self.length - 1) / 2
    let window = (0..<Self.transformLength).map { index in
      let place = (Double(index) - centre) / (0.4 * centre)
      return index < Self.length ? Float(exp(-0.5 * place * place)) : 0
    }
    spectra = FilteredSpectra(
      frameLength: Self.transformLength, frameStep: Self.step, window: window, sampleRate: rate)
    summation = SubharmonicSummation(frameLength: Self.transformLength, sampleRate: rate)
    path = PitchPath(frameCount: count)
    periods = PitchPeriods(frameCount: count, frameLength: Self.length, frameStep: Self.step, sampleRate: rate)
    amplitude = Array(repeating: 0, count: Self.transformLength / 2 + 1)
  }

  mutating func restart() { ring.restart() }

  mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  /// Hz, `[frames]`; 0 where a frame is unvoiced.
  var frequencies: [Float] { path.frequencies }

  /// How far the best candidate for the fundamental frequency stands out, 0 to 1, whether a frame is voiced or not.
  func voicing(_ row: Int) -> Float { ring[row, Column.candidates + 1] }

  /// The spectrum of a voiced frame from 0 Hz to 6 kHz, dB.
  func withLevels(_ row: Int, _ body: (Span<Float>) -> Void) {
    ring.withFrame(row) { body($0.span.extracting(Column.levels..<Column.end)) }
  }

  /// Power of the harmonics of a voiced frame over that of the noise, dB: by the autocorrelation at the period (Boersma,
  /// "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound", 1993).
  func harmonicsToNoise(_ row: Int) -> Float {
    let period = Float(Self.sampleRate) / path.frequencies[row]
    let reach = max(1, Int(0.1 * period))
    let centre = Int(period.rounded())
    var best = -Float.infinity
    for lag in max(1, centre - reach)...min(centre + reach, Self.lagCount - 1) {
      best = max(best, ring[row, Column.correlation + lag])
    }
    let energy = ring[row, Column.correlation]
    return 10 * log10f(max(best / max(energy - best, 1e-20), 1e-10))
  }

  /// Goes on to the frames of a window.
  mutating func move(to window: Span<Float>, startingAt start: Int) {
    let first = start / Self.step
    var ring = ring
    self.ring = FrameRing(width: 0)
    ring.move(to: first..<first + count) { frames, values, place in
      let begin = frames.lowerBound * Self.step - start
      var spectra = spectra
      spectra.compute(window, startingAt: begin, count: frames.count) { frame, power in
        analyse(power, into: &values, at: place + frame * Column.end)
      }
      for frame in 0..<frames.count {
        values[place + frame * Column.end + Column.energy] = meanSquare(
          of: window, from: begin + frame * Self.step, count: Self.length)
      }
    }
    self.ring = ring
    path.follow(ring, at: Column.candidates) { ring[$0, Column.energy] < Self.silence * Self.silence }
    periods.measure(window, frequencies: path.frequencies)
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
}

/// Of so many samples, without a window.
func meanSquare(of samples: Span<Float>, from start: Int, count: Int) -> Float {
  var sum: Float = 0
  for index in start..<start + count { sum += samples[index] * samples[index] }
  return sum / Float(count)
}
