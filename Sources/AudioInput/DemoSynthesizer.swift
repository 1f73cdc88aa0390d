internal import Glibc

/// A note of the demo piece.
struct DemoNote {
  enum Instrument: Int, CaseIterable {
    case pad, bell, string, saw, drivenSaw, kick, snare, hat
  }

  let instrument: Instrument
  /// Hz.
  let frequency: Double
  /// Seconds.
  let start: Double, duration: Double
  /// Largest amplitude.
  let loudness: Float

  /// - Parameter pitch: MIDI note number, 69 is 440 Hz.
  init(_ instrument: Instrument, _ pitch: Int, at start: Double, for duration: Double, loudness: Float) {
    self.init(
      instrument, frequency: 440 * pow(2, Double(pitch - 69) / 12), at: start, for: duration, loudness: loudness)
  }

  private init(
    _ instrument: Instrument, frequency: Double, at start: Double, for duration: Double, loudness: Float
  ) {
    self.instrument = instrument
    self.frequency = frequency
    self.start = start
    self.duration = duration
    self.loudness = loudness
  }

  func moved(by seconds: Double) -> DemoNote {
    DemoNote(instrument, frequency: frequency, at: start + seconds, for: duration, loudness: loudness)
  }
}

/// Plays notes, a sample at a time: each voice reads a stored cycle of its instrument's wave under an envelope.
struct DemoSynthesizer {
  private let notes: [DemoNote]
  /// The cycles of all instruments, one after the other.
  private let waves: [Float]
  private var position = 0
  private var nextNote = 0
  private var voices: [Voice] = []
  private var noise: UInt32 = 1

  private static let waveLength = 2048
  private static let sampleRate = Double(DemoScore.sampleRate)

  private struct Voice {
    let note: DemoNote
    var age = 0
    /// In turns.
    var phase = 0.0

    var hasEnded: Bool { Double(age) >= note.duration * DemoSynthesizer.sampleRate }
  }

  init(notes: [DemoNote]) {
    self.notes = notes
    waves = DemoNote.Instrument.allCases.flatMap(Self.wave)
    voices.reserveCapacity(64)
  }

  mutating func restart() {
    position = 0
    nextNote = 0
    noise = 1
    voices.removeAll(keepingCapacity: true)
  }

  mutating func next() -> Float {
    let time = Double(position) / Self.sampleRate
    while nextNote < notes.count, notes[nextNote].start <= time {
      voices.append(Voice(note: notes[nextNote]))
      nextNote += 1
    }
    noise = noise &* 1_664_525 &+ 1_013_904_223
    let whiteNoise = Float(Int32(bitPattern: noise)) * 0x1p-31
    var sum: Float = 0
    var hasEnded = false
    // In place: for each sample and voice, references would be counted otherwise.
    waves.withUnsafeBufferPointer { waves in
      voices.withUnsafeMutableBufferPointer { voices in
        for index in voices.indices {
          sum += Self.sample(of: voices[index], waves, whiteNoise: whiteNoise)
          voices[index].phase += Self.frequency(of: voices[index]) / Self.sampleRate
          voices[index].phase -= voices[index].phase.rounded(.down)
          voices[index].age += 1
          hasEnded = hasEnded || voices[index].hasEnded
        }
      }
    }
    if hasEnded { voices.removeAll(where: \.hasEnded) }
    position += 1
    return tanh(sum)
  }

  /// A kick drum falls in pitch; all others hold it.
  private static func frequency(of voice: Voice) -> Double {
    guard voice.note.instrument == .kick else { return voice.note.frequency }
    return 48 + 120 * exp(-Double(voice.age) / sampleRate / 0.03)
  }

  private static func sample(of voice: Voice, _ waves: UnsafeBufferPointer<Float>, whiteNoise: Float) -> Float {
    let place = Int(voice.phase * Double(waveLength)) % waveLength
    let tone = waves[voice.note.instrument.rawValue * waveLength + place]
    let age = Float(voice.age) / Float(sampleRate)
    let left = Float(voice.note.duration) - age
    // No click at either end.
    let edges = min(1, age / 0.003, left / 0.01)
    let value: Float =
      switch voice.note.instrument {
      case .pad: tone * min(1, age / 1.2, left / 1.2)
      case .bell: tone * exp(-age / 0.6)
      case .string: tone * exp(-age / 1.0)
      case .saw: tone
      case .drivenSaw: tanh(4 * tone)
      case .kick: tone * exp(-age / 0.12)
      case .snare: (0.8 * whiteNoise + 0.2 * tone) * exp(-age / 0.06)
      case .hat: whiteNoise * exp(-age / 0.02)
      }
    return value * edges * voice.note.loudness
  }

  /// One cycle of an instrument's tone, largest value 1.
  private static func wave(of instrument: DemoNote.Instrument) -> [Float] {
    let harmonics: [Double] =
      switch instrument {
      case .pad: [1, 0.4, 0.15, 0.05]
      case .bell: [1, 0.2, 0, 0.25, 0, 0, 0.06]
      case .string: [1, 0.6, 0.4, 0.25, 0.15, 0.1, 0.05]
      case .saw, .drivenSaw: (1...16).map { 1 / Double($0) }
      case .kick, .snare, .hat: [1]
      }
    let cycle = (0..<waveLength).map { index in
      harmonics.enumerated().reduce(0.0) { sum, harmonic in
        sum + harmonic.element * sin(2 * Double.pi * Double(index * (harmonic.offset + 1)) / Double(waveLength))
      }
    }
    let peak = cycle.map(abs).max() ?? 1
    return cycle.map { Float($0 / peak) }
  }
}
