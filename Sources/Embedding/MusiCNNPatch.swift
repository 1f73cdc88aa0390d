/// The patch of log-mel frames that MusiCNN hears, as it moves through a stream of audio.
struct MusiCNNPatch {
  private var frontEnd = MusiCNNFrontEnd()
  private var mel = [Float](repeating: 0, count: MusiCNNFrontEnd.frameCount * MusiCNNFrontEnd.bandCount)
  /// First frame of the last patch, counted from the start of the stream.
  private var start: Int?

  mutating func restart() {
    start = nil
  }

  /// Moves to the patch of `window`, which begins at sample `start` of the stream, and lets `network` follow.
  mutating func move(to window: Span<Float>, startingAt start: Int, _ network: StreamingMusiCNN) {
    let frameCount = MusiCNNFrontEnd.frameCount
    let frame = start / MusiCNNFrontEnd.frameStep
    let advance = self.start.map { frame - $0 } ?? frameCount
    self.start = frame
    guard advance != 0 else { return }
    let count = (1..<frameCount).contains(advance) ? advance : frameCount
    frontEnd.computeFrames(frameCount - count..<frameCount, of: window, into: &mel)
    network.advance(by: count, mel: mel.span.extracting(first: count * MusiCNNFrontEnd.bandCount))
  }
}
