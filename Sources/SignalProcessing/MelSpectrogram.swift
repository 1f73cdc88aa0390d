/// The mel spectrum of single frames: window, Fourier transform, filter bank.
public struct MelSpectrogram {
  /// What of each bin goes into the filter bank.
  public enum Magnitude: Sendable {
    /// `|X|²`
    case power
    /// `|X|`
    case amplitude
  }

  public let frameLength: Int
  public let filterBank: MelFilterBank

  private let magnitude: Magnitude
  private let window: [Float]
  private let transform: RealFFT
  private var frame: [Float]
  private var spectrum: [Float]

  /// Frames of `frameLength` samples under a periodic Hann window; filters from 0 Hz to the Nyquist frequency.
  public init(frameLength: Int, bandCount: Int, sampleRate: Double, magnitude: Magnitude) {
    self.frameLength = frameLength
    self.magnitude = magnitude
    window = periodicHannWindow(length: frameLength)
    transform = RealFFT(length: frameLength)
    filterBank = MelFilterBank(
      bandCount: bandCount, binCount: transform.binCount, sampleRate: sampleRate,
      lowest: 0, highest: sampleRate / 2)
    frame = Array(repeating: 0, count: frameLength)
    spectrum = Array(repeating: 0, count: transform.binCount)
  }

  /// Writes the `[bands]` mel values of the frame that starts at `start` into `mel` from `offset` on. Samples past
  /// the end of `audio` count as zero.
  public mutating func computeFrame(
    of audio: Span<Float>, startingAt start: Int, into mel: inout [Float], at offset: Int
  ) {
    let covered = min(start, audio.count)..<min(start + frameLength, audio.count)
    multiply(audio.extracting(covered), into: frame.mutableSpan)
    transform.powerSpectrum(of: frame, into: &spectrum)
    if magnitude == .amplitude {
      var values = spectrum.mutableSpan
      for k in values.indices { values[k] = values[k].squareRoot() }
    }
    filterBank.apply(to: spectrum, into: &mel, at: offset)
  }

  /// Writes `samples` under the window into `frame`, and zeros behind them.
  private func multiply(_ samples: Span<Float>, into frame: consuming MutableSpan<Float>) {
    let window = window.span
    for n in samples.indices { frame[n] = samples[n] * window[n] }
    for n in samples.count..<frame.count { frame[n] = 0 }
  }
}
