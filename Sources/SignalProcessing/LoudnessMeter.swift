internal import CEBUR128

/// The integrated loudness of one channel, as people hear it: K-weighted and gated (ITU-R BS.1770-4, EBU R 128), by
/// libebur128.
///
/// The channel counts once, with the weight of a front channel: a sine of 997 Hz and full scale reads -3.01 LUFS. Some
/// meters count a mono file twice, as it will sound from two loudspeakers, and read 3.01 LU more.
///
/// It may allocate memory, some 4 kB for every 10 s of audio, so it is not for the capture thread.
public final class LoudnessMeter {
  /// The rates that are accepted, Hz. Below them the weighting's shelf at 1.7 kHz comes too close to half the rate, or
  /// lies beyond it.
  public static let sampleRates = 4_000...2_822_400

  private var state: UnsafeMutablePointer<ebur128_state>?

  /// - Precondition: `sampleRate` lies in ``sampleRates``.
  public init(sampleRate: Int) {
    precondition(Self.sampleRates.contains(sampleRate), "no loudness at \(sampleRate) Hz")
    guard let state = ebur128_init(1, UInt(sampleRate), Int32(EBUR128_MODE_I.rawValue)) else {
      fatalError("out of memory for a loudness meter")  // nothing sensible is left to do
    }
    self.state = state
  }

  deinit { ebur128_destroy(&state) }

  /// Takes the next samples, full scale ±1. They must be finite: the filters would never forget a NaN.
  public func add(_ samples: Span<Float>) {
    samples.withUnsafeBufferPointer { samples in
      guard let address = samples.baseAddress, !samples.isEmpty else { return }
      // It fails only where memory has run out.
      let error = ebur128_add_frames_float(state, address, samples.count)
      precondition(error == EBUR128_SUCCESS.rawValue, "out of memory for a loudness meter")
    }
  }

  /// The loudness of everything added so far, LUFS; nil where no block of 400 ms passed the gate at -70 LUFS: silence,
  /// or too little audio.
  public var integrated: Double? {
    var loudness = 0.0
    // It fails only in another mode.
    let error = ebur128_loudness_global(state, &loudness)
    precondition(error == EBUR128_SUCCESS.rawValue)
    return loudness.isFinite ? loudness : nil
  }
}
