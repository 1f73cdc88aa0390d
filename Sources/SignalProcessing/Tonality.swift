/// Mode and clarity of the key in a window that moves through a stream of audio, see ``KeyProfiles``. Major is heard as
/// more positive than minor, and music with a clear key as more positive than music without one (Gabrielsson and
/// Lindström, "The role of structure in the musical expression of emotions", 2010).
public struct Tonality {
  /// Mode and clarity.
  public static let valueCount = 2

  /// Samples from one frame to the next. Frames begin at its multiples in the stream, so that windows share them.
  private static let frameStep = 1024

  private var pitchClasses: PitchClasses
  /// The pitch classes of each frame in the window, oldest first.
  private var frames: [[Float]] = []
  /// Number of the first of them in the stream.
  private var firstFrame = 0

  public init(sampleRate: Double) {
    pitchClasses = PitchClasses(sampleRate: sampleRate)
  }

  /// Says that the windows from now on come from another stream.
  public mutating func restart() { frames.removeAll(keepingCapacity: true) }

  /// Changes the colour of what is heard from now on; nil for none.
  public mutating func use(_ filter: VenueFilter?) {
    pitchClasses.use(filter)
    restart()
  }

  /// - Parameters:
  ///   - window: at least 5120 mono samples.
  ///   - start: place of its first sample in the stream.
  public mutating func describe(_ window: Span<Float>, startingAt start: Int) -> (mode: Float, clarity: Float) {
    precondition(window.count >= PitchClasses.frameLength + Self.frameStep)
    let first = (start + Self.frameStep - 1) / Self.frameStep
    let end = (start + window.count - PitchClasses.frameLength) / Self.frameStep + 1
    if firstFrame > first || firstFrame + frames.count < first {
      frames.removeAll(keepingCapacity: true)
    } else {
      frames.removeFirst(first - firstFrame)
    }
    firstFrame = first
    for frame in first + frames.count..<max(end, first + frames.count) {
      var classes = [Float](repeating: 0, count: PitchClasses.count)
      pitchClasses.add(window, startingAt: frame * Self.frameStep - start, to: &classes)
      frames.append(classes)
    }
    var sum = [Float](repeating: 0, count: PitchClasses.count)
    for frame in frames { for index in sum.indices { sum[index] += frame[index] } }
    return KeyProfiles.fit(sum)
  }
}
