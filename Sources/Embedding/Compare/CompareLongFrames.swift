internal import SignalProcessing

/// What ``Compare260`` hears in frames of 60 ms.
struct CompareLongFrames {
  static let length = 960
  /// Values of a frame: the zero crossings.
  static let width = 1

  private(set) var ring = FrameRing(width: width)

  mutating func restart() { ring.restart() }

  /// Goes on to the frames `wanted` of the stream.
  ///
  /// - Parameters:
  ///   - window: samples that hold all of them.
  ///   - start: place of its first sample in the stream.
  mutating func move(to wanted: Range<Int>, in window: Span<Float>, startingAt start: Int) {
    ring.move(to: wanted) { frames, values, place in
      for (index, frame) in frames.enumerated() {
        let first = frame * CompareShortFrames.step - start
        values[place + index * Self.width] = ZeroCrossings.rate(of: window.extracting(first..<first + Self.length))
      }
    }
  }
}
