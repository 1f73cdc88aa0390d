internal import Glibc

/// How much new sound begins in each frame of 10 ms: by how much the logarithms of the amplitudes in 40 mel bands have risen
/// since the frame before, added up (after Klapuri, "Sound onset detection by applying psychoacoustic knowledge", 1999).
public struct OnsetEnvelope {
  /// Samples of a frame, and from one to the next, at 16 kHz.
  public static let length = 512
  public static let step = 160
  private static let bandCount = 40
  /// Amplitudes below about a thousandth of full scale count little.
  private static let compression: Float = 1000

  private var spectra: FilteredSpectra
  private let bank: MelFilterBank
  private var ring = FrameRing(width: bandCount)
  private var bands = [Float](repeating: 0, count: bandCount)

  public init(sampleRate: Double) {
    spectra = FilteredSpectra(frameLength: Self.length, frameStep: Self.step, sampleRate: sampleRate)
    bank = MelFilterBank(
      unitTriangles: Self.bandCount, binCount: Self.length / 2 + 1, sampleRate: sampleRate, lowest: 30,
      highest: sampleRate / 2)
  }

  public mutating func restart() { ring.restart() }

  public mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  /// The envelope of a window, `[(samples - 512) / 160]`: the first frame has none before it.
  ///
  /// - Parameter start: place of the window's first sample in the stream, a multiple of ``step``.
  public mutating func compute(_ window: Span<Float>, startingAt start: Int) -> [Float] {
    let count = (window.count - Self.length) / Self.step + 1
    let first = start / Self.step
    ring.move(to: first..<first + count) { frames, values, place in
      let begin = frames.lowerBound * Self.step - start
      spectra.compute(window, startingAt: begin, count: frames.count) { frame, power in
        bank.apply(to: power, into: &bands, at: 0)
        for band in bands.indices {
          // A full-scale tone has an amplitude of a quarter of the length under Hann's window.
          let amplitude = bands[band].squareRoot() * 4 / Float(Self.length)
          values[place + frame * Self.bandCount + band] = log1pf(Self.compression * amplitude)
        }
      }
    }
    return (1..<count).map { row in
      (0..<Self.bandCount).reduce(Float(0)) { $0 + max(0, ring[row, $1] - ring[row - 1, $1]) }
    }
  }
}
