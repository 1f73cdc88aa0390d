internal import Glibc
internal import SignalProcessing

/// MusiCNN's log-mel spectrogram: frames of 512 samples every 256 at 16 kHz under a periodic Hann window, power
/// spectrum, 96 Slaney bands from 0 to 8 kHz, `log10(10000 x + 1)`.
package struct MusiCNNFrontEnd {
  package static let sampleRate = 16_000
  package static let frameLength = 512
  package static let frameStep = 256
  package static let bandCount = 96
  /// Frames in a patch.
  package static let frameCount = 187
  /// Samples in a patch: 3.008 s.
  package static let windowLength = frameStep * (frameCount - 1) + frameLength

  private var spectrogram = MelSpectrogram(
    frameLength: frameLength, bandCount: bandCount, sampleRate: Double(sampleRate), magnitude: .power)

  /// What the power of each band is multiplied with.
  private var factors = [Float](repeating: 1, count: bandCount)

  package init() {}

  mutating func use(_ filter: VenueFilter?) {
    let centres = spectrogram.filterBank.centres
    factors = centres.map { centre in
      let amplitude = filter?.amplitude(at: centre) ?? 1
      return amplitude * amplitude
    }
  }

  /// Computes the frames in `range`, counted from the first sample of `audio`, into the beginning of `mel`
  /// `[frames × bands]`.
  package mutating func computeFrames(_ range: Range<Int>, of audio: Span<Float>, into mel: inout [Float]) {
    for (index, frame) in range.enumerated() {
      spectrogram.computeFrame(
        of: audio, startingAt: frame * Self.frameStep, into: &mel, at: index * Self.bandCount)
    }
    for frame in 0..<range.count {
      for band in 0..<Self.bandCount {
        let index = frame * Self.bandCount + band
        mel[index] = log10(10_000 * (factors[band] * mel[index]) + 1)
      }
    }
  }
}

/// The patch of log-mel frames that MusiCNN hears, as it moves through a stream of audio.
struct MusiCNNPatch {
  private var frontEnd = MusiCNNFrontEnd()
  private var mel = [Float](repeating: 0, count: MusiCNNFrontEnd.frameCount * MusiCNNFrontEnd.bandCount)
  /// First frame of the last patch, counted from the start of the stream.
  private var start: Int?

  mutating func restart() {
    start = nil
  }

  mutating func use(_ filter: VenueFilter?) {
    frontEnd.use(filter)
    restart()
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
