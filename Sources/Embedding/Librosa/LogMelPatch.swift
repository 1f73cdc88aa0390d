internal import Glibc
public import SignalProcessing

/// A picture of the sound for convolutional networks: the mel spectrum in dB of the last 128 frames, `[128 frames × 128
/// bands]`, oldest first, as librosa 0.11 computes it, see ``LibrosaFeatures``. What lies more than 80 dB below the loudest
/// of the window counts as 80 dB below it.
public struct LogMelPatch: AudioEmbedder {
  public static let identifier = "logmel-128x128"

  public var identifier: String { Self.identifier }
  public var sampleRate: Int { LibrosaFrames.sampleRate }
  public var windowLength: Int { LibrosaFrames.length + (Self.frameCount - 1) * LibrosaFrames.step }
  public var windowStep: Int { LibrosaFrames.step }
  public var dimension: Int { Self.frameCount * Self.bandCount }
  public var shape: [Int] { [Self.frameCount, Self.bandCount] }

  /// `logmel_FRAME_BAND`, both from 1 on.
  public var valueNames: [String] {
    (1...Self.frameCount).flatMap { frame in (1...Self.bandCount).map { "logmel_\(frame)_\($0)" } }
  }

  private static let frameCount = 128
  private static let bandCount = LibrosaFrames.bandCount

  private var spectra: FilteredSpectra
  private var ring = FrameRing(width: bandCount)
  private let melBank: MelFilterBank

  public init() {
    spectra = LibrosaFrames.makeSpectra()
    melBank = LibrosaFrames.makeMelBank()
  }

  public mutating func restart() { ring.restart() }

  public mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    let first = start / LibrosaFrames.step
    ring.move(to: first..<first + Self.frameCount) { frames, values, place in
      let begin = frames.lowerBound * LibrosaFrames.step - start
      spectra.compute(window, startingAt: begin, count: frames.count) { frame, power in
        let place = place + frame * Self.bandCount
        melBank.apply(to: power, into: &values, at: place)
        for band in place..<place + Self.bandCount { values[band] = 10 * log10f(max(1e-10, values[band])) }
      }
    }
    let floor = ring.maximum(ofColumns: 0..<Self.bandCount) - LibrosaFrames.dynamicRange
    for row in 0..<Self.frameCount {
      for band in 0..<Self.bandCount { embedding[row * Self.bandCount + band] = max(ring[row, band], floor) }
    }
  }
}
