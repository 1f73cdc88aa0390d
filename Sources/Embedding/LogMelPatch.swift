internal import Glibc
public import SignalProcessing

/// A picture of the sound for convolutional networks: the mel spectrum in dB of the last 128 frames, `[128 frames × 128
/// bands]`, oldest first, as librosa 0.11 computes it, see ``LibrosaFeatures``. What lies more than 80 dB below the loudest
/// of the window counts as 80 dB below it.
public struct LogMelPatch: AudioEmbedder {
  public static let identifier = "logmel-128x128"

  public var identifier: String { Self.identifier }
  public var sampleRate: Int { 22_050 }
  public var windowLength: Int { Self.frameLength + (Self.frameCount - 1) * Self.frameStep }
  public var windowStep: Int { Self.frameStep }
  public var dimension: Int { Self.frameCount * Self.bandCount }

  private static let frameLength = 2048
  private static let frameStep = 512
  private static let frameCount = 128
  private static let bandCount = 128
  private static let dynamicRange: Float = 80

  private var spectra: FilteredSpectra
  private var ring = FrameRing(width: bandCount)
  private let melBank: MelFilterBank

  public init() {
    let rate = 22_050.0
    spectra = FilteredSpectra(frameLength: Self.frameLength, frameStep: Self.frameStep, sampleRate: rate)
    melBank = MelFilterBank(
      bandCount: Self.bandCount, binCount: Self.frameLength / 2 + 1, sampleRate: rate, lowest: 0, highest: rate / 2)
  }

  public mutating func restart() { ring.restart() }

  public mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    let first = start / Self.frameStep
    ring.move(to: first..<first + Self.frameCount) { frames, values, place in
      let begin = frames.lowerBound * Self.frameStep - start
      spectra.compute(window, startingAt: begin, count: frames.count) { frame, power in
        let place = place + frame * Self.bandCount
        melBank.apply(to: power, into: &values, at: place)
        for band in place..<place + Self.bandCount { values[band] = 10 * log10f(max(1e-10, values[band])) }
      }
    }
    let floor = ring.maximum(ofColumns: 0..<Self.bandCount) - Self.dynamicRange
    for row in 0..<Self.frameCount {
      for band in 0..<Self.bandCount { embedding[row * Self.bandCount + band] = max(ring[row, band], floor) }
    }
  }
}
