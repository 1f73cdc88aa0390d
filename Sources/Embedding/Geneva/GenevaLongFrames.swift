internal import Glibc
internal import SignalProcessing

/// What ``EGeMAPS`` says of a voice, on the frames in which there is one.
struct GenevaLongFrames {
  enum Descriptor: Int, CaseIterable {
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

  private var voice: VoiceFrames
  private var harmonics = HarmonicLevels(binWidth: VoiceFrames.binWidth)
  /// `[frames × descriptors]` of the window.
  private var described: [Float]

  init(windowLength: Int) {
    voice = VoiceFrames(windowLength: windowLength)
    described = Array(repeating: .nan, count: voice.count * Descriptor.allCases.count)
  }

  /// Frames of a window.
  var count: Int { voice.count }

  mutating func restart() { voice.restart() }

  mutating func use(_ filter: VenueFilter?) { voice.use(filter) }

  func isVoiced(_ row: Int) -> Bool { voice.frequencies[row] > 0 }

  /// The fundamental frequency in semitones over 27.5 Hz; NaN where a frame is unvoiced.
  func semitones(_ row: Int) -> Float { isVoiced(row) ? 12 * log2f(voice.frequencies[row] / 27.5) : .nan }

  /// A descriptor of a frame of the window; NaN where it is missing.
  subscript(row: Int, descriptor: Descriptor) -> Float {
    described[row * Descriptor.allCases.count + descriptor.rawValue]
  }

  /// - Parameter formants: of the short frames, which begin where the long ones do.
  mutating func move(to window: Span<Float>, startingAt start: Int, formants: GenevaShortFrames) {
    voice.move(to: window, startingAt: start)
    for row in 0..<count { describe(row, formants) }
  }

  private mutating func describe(_ row: Int, _ formants: GenevaShortFrames) {
    let place = row * Descriptor.allCases.count
    for descriptor in Descriptor.allCases { described[place + descriptor.rawValue] = .nan }
    guard isVoiced(row) else { return }
    voice.withLevels(row) { harmonics.read($0, frequency: voice.frequencies[row]) }
    func write(_ value: Float, _ descriptor: Descriptor) { described[place + descriptor.rawValue] = value }
    write(voice.periods.jitter[row], .jitter)
    write(voice.periods.shimmer[row], .shimmer)
    write(voice.harmonicsToNoise(row), .harmonicsToNoise)
    write(harmonics.firstOverSecond, .firstOverSecond)
    write(-harmonics.formantOverFirst(formants.formant(row, 2, part: 0)), .firstOverThirdFormant)
    for (index, first) in [Descriptor.frequency1, .frequency2, .frequency3].enumerated() {
      let frequency = formants.formant(row, index, part: 0)
      described[place + first.rawValue] = frequency
      described[place + first.rawValue + 1] = formants.formant(row, index, part: 1)
      described[place + first.rawValue + 2] = harmonics.formantOverFirst(frequency)
    }
  }
}
