internal import SignalProcessing

/// What ``Compare260`` hears in frames of 60 ms: the voice, and zero crossings.
struct CompareLongFrames {
  static let length = VoiceFrames.length
  /// Of what is said of the voice. 0 stands in the place of what is missing, but for the voicing, which is never.
  static let voiceNames = ["f0", "voicing", "jitter", "jitter_of_jitter", "shimmer", "log_hnr"]
  /// Values of a frame: those of the voice, then the zero crossings.
  static let width = voiceNames.count + 1

  /// The natural logarithm of an amplitude that is 1 dB larger than another.
  private static let decibel: Float = 0.115_129_25

  private var voice: VoiceFrames
  /// Of the zero crossings.
  private var ring = FrameRing(width: 1)

  init(windowLength: Int) {
    voice = VoiceFrames(windowLength: windowLength)
  }

  /// Frames of a window.
  var count: Int { voice.count }

  mutating func restart() {
    voice.restart()
    ring.restart()
  }

  mutating func use(_ filter: VenueFilter?) {
    voice.use(filter)
    ring.restart()
  }

  /// Goes on to the frames of a window.
  ///
  /// - Parameter start: place of its first sample in the stream.
  mutating func move(to window: Span<Float>, startingAt start: Int) {
    voice.move(to: window, startingAt: start)
    let first = start / VoiceFrames.step
    ring.move(to: first..<first + count) { frames, values, place in
      for (index, frame) in frames.enumerated() {
        let begin = frame * VoiceFrames.step - start
        values[place + index] = ZeroCrossings.rate(of: window.extracting(begin..<begin + Self.length))
      }
    }
  }

  /// Writes the values of a frame of the window to `places` of `values`, from `offset` on.
  func write(_ row: Int, to places: [Int], of values: inout [Float], at offset: Int) {
    let frequency = voice.frequencies[row]
    func present(_ value: Float) -> Float { value.isNaN ? 0 : value }
    values[offset + places[0]] = frequency
    values[offset + places[1]] = voice.voicing(row)
    values[offset + places[2]] = present(voice.periods.jitter[row])
    values[offset + places[3]] = present(voice.periods.jitterOfJitter[row])
    // As a share of the amplitude.
    values[offset + places[4]] = present(voice.periods.shimmer[row]) * Self.decibel
    values[offset + places[5]] = frequency > 0 ? voice.harmonicsToNoise(row) * 2 * Self.decibel : 0
    values[offset + places[6]] = ring[row, 0]
  }
}
