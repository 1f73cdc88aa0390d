/// The built-in demo piece: 64 s in four parts of 16 s, calm, tense, sad and joyful.
public final class DemoSource: AudioSource {
  public let format = AudioFormat(sampleRate: DemoScore.sampleRate, channelCount: 1)

  private let repeats: Bool
  private var synthesizer = DemoSynthesizer(notes: DemoScore.notes)
  private var position = 0

  /// - Parameter repeats: whether the piece begins again at its end.
  public init(repeats: Bool) {
    self.repeats = repeats
  }

  public func read(into frames: inout [Float]) -> AudioReadResult {
    if position == DemoScore.length {
      guard repeats else { return .end }
      synthesizer.restart()
      position = 0
    }
    let count = min(frames.count, DemoScore.length - position)
    for index in 0..<count { frames[index] = synthesizer.next() }
    position += count
    return .frames(count)
  }
}
