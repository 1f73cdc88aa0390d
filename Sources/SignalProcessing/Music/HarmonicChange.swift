internal import Glibc

/// How much the harmony changes: the distance between the tonal centroids of successive frames (Harte, Sandler and Gasser,
/// "Detecting harmonic change in musical audio", 2006), of frames of 0.75 s every 50 ms.
public struct HarmonicChange {
  /// Samples of a frame, and from one to the next, at 16 kHz.
  public static let length = 12_000
  public static let step = 800
  private static let transformLength = 16_384
  /// Below this power of a frame, there is no harmony.
  private static let silence: Float = 1e-3

  private var spectra: FilteredSpectra
  private let bank: ChromaFilterBank
  private var ring = FrameRing(width: ChromaFilterBank.count + TonalCentroid.count)

  public init(sampleRate: Double) {
    let window =
      periodicHannWindow(length: Self.length) + [Float](repeating: 0, count: Self.transformLength - Self.length)
    spectra = FilteredSpectra(
      frameLength: Self.transformLength, frameStep: Self.step, window: window, sampleRate: sampleRate)
    bank = ChromaFilterBank(frameLength: Self.transformLength, sampleRate: sampleRate)
  }

  public mutating func restart() { ring.restart() }

  public mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  /// The mean distance in a window; 0 in silence.
  ///
  /// - Parameter start: place of the window's first sample in the stream, a multiple of ``step``.
  public mutating func compute(_ window: Span<Float>, startingAt start: Int) -> Float {
    let count = (window.count - Self.length) / Self.step + 1
    let first = start / Self.step
    let width = ring.width
    ring.move(to: first..<first + count) { frames, values, place in
      let begin = frames.lowerBound * Self.step - start
      spectra.compute(window, startingAt: begin, count: frames.count) { frame, power in
        let place = place + frame * width
        guard power.reduce(0, +) > Self.silence else { return }
        bank.apply(to: power, into: &values, at: place)
        TonalCentroid.apply(toClassesAt: place, of: &values, at: place + ChromaFilterBank.count)
      }
    }
    let distances = (1..<count).map { row in
      (ChromaFilterBank.count..<width).reduce(Float(0)) { sum, column in
        let change = ring[row, column] - ring[row - 1, column]
        return sum + change * change
      }.squareRoot()
    }
    return distances.reduce(0, +) / Float(distances.count)
  }
}
