internal import CKissFFT

/// The autocorrelation of a frame from its power spectrum, whose inverse Fourier transform it is (Wiener and Khinchin).
public final class Autocorrelation {
  /// Samples of the Fourier transform.
  public let frameLength: Int

  private let plan: FourierPlan
  private var spectrum: [kiss_fft_cpx]
  private var lags: [Float]

  /// - Parameter frameLength: even.
  public init(frameLength: Int) {
    plan = FourierPlan(length: frameLength, isInverse: true)
    self.frameLength = frameLength
    spectrum = Array(repeating: kiss_fft_cpx(r: 0, i: 0), count: frameLength / 2 + 1)
    lags = Array(repeating: 0, count: frameLength)
  }

  /// Writes the values at lags of 0, 1, ... samples from `place` on, in units of `frameLength` times the energy.
  ///
  /// - Parameters:
  ///   - power: `[frameLength / 2 + 1]`
  ///   - count: at most `frameLength / 2`. The frame, without the zeros behind it, and the lags should not be longer
  ///     together than `frameLength`: the autocorrelation is circular.
  public func compute(_ power: [Float], count: Int, into values: inout [Float], at place: Int) {
    precondition(power.count == spectrum.count && count <= frameLength / 2)
    for bin in power.indices { spectrum[bin] = kiss_fft_cpx(r: power[bin], i: 0) }
    kiss_fftri(plan.handle, spectrum, &lags)
    for lag in 0..<count { values[place + lag] = lags[lag] }
  }
}
