internal import Glibc
internal import SignalProcessing

/// Brightness, roughness and regularity of frames of 128 ms under Hann's window: long enough that partials a semitone apart
/// are two from about 500 Hz on.
struct MidLevelSpectra {
  private static let length = 2048
  /// Hz, above which sound is bright.
  private static let bright = 1500.0

  private enum Column {
    static let (brightness, roughness, regularity) = (0, 1, 2)
    static let end = 3
  }

  private let step: Int
  private let binWidth: Double
  private var spectra: FilteredSpectra
  private var amplitude = [Float](repeating: 0, count: length / 2 + 1)
  private var ring = FrameRing(width: Column.end)

  /// - Parameter step: samples from one frame to the next.
  init(sampleRate: Double, step: Int) {
    self.step = step
    binWidth = sampleRate / Double(Self.length)
    spectra = FilteredSpectra(frameLength: Self.length, frameStep: step, sampleRate: sampleRate)
  }

  mutating func restart() { ring.restart() }

  mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  /// The means over the frames of a window.
  ///
  /// - Parameter start: place of the window's first sample in the stream, a multiple of the step.
  mutating func compute(
    _ window: Span<Float>, startingAt start: Int
  ) -> (brightness: Float, roughness: Float, regularity: Float) {
    let count = (window.count - Self.length) / step + 1
    let first = start / step
    ring.move(to: first..<first + count) { frames, values, place in
      spectra.compute(window, startingAt: frames.lowerBound * step - start, count: frames.count) { frame, power in
        let place = place + frame * Column.end
        // A tone of full scale has the amplitude 1.
        for bin in power.indices { amplitude[bin] = power[bin].squareRoot() * 4 / Float(Self.length) }
        let edge = Int((Self.bright / binWidth).rounded(.up))
        let (below, above) = (amplitude[..<edge].reduce(0, +), amplitude[edge...].reduce(0, +))
        let peaks = SpectralPeaks(of: amplitude, binWidth: Float(binWidth))
        values[place + Column.brightness] = above > 0 ? above / (below + above) : 0
        // It spans many powers of ten.
        values[place + Column.roughness] = log1pf(1000 * peaks.roughness)
        values[place + Column.regularity] = peaks.irregularity
      }
    }
    func mean(_ column: Int) -> Float { (0..<count).reduce(0) { $0 + ring[$1, column] } / Float(count) }
    return (mean(Column.brightness), mean(Column.roughness), mean(Column.regularity))
  }
}
