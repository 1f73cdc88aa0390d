internal import SignalProcessing

/// The pitch of frames of 50 ms, every 25 ms, see ``SalientPitch``.
struct PitchFrames {
  private static let step = 400

  private let pitch: SalientPitch
  private var ring = FrameRing(width: 1)

  init(sampleRate: Double) {
    pitch = SalientPitch(sampleRate: sampleRate)
  }

  mutating func restart() { ring.restart() }

  /// The median of the frames of a window in which a pitch is heard, Hz; 0 if there are none.
  ///
  /// - Parameter start: place of the window's first sample in the stream, a multiple of the step.
  mutating func median(_ window: Span<Float>, startingAt start: Int) -> Float {
    let count = (window.count - SalientPitch.length) / Self.step + 1
    let first = start / Self.step
    ring.move(to: first..<first + count) { frames, values, place in
      for (index, frame) in frames.enumerated() {
        let begin = frame * Self.step - start
        values[place + index] = pitch.find(window.extracting(begin..<begin + SalientPitch.length))
      }
    }
    let heard = (0..<count).map { ring[$0, 0] }.filter { $0 > 0 }.sorted()
    guard !heard.isEmpty else { return 0 }
    return 0.5 * (heard[(heard.count - 1) / 2] + heard[heard.count / 2])
  }
}
