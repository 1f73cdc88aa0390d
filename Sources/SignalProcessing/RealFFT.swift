internal import CKissFFT
internal import Glibc

/// The discrete Fourier transform of a real frame, by KissFFT in single precision.
public final class RealFFT {
  /// Samples per frame, even.
  public let length: Int
  /// Bins from 0 to the Nyquist frequency: `length / 2 + 1`.
  public var binCount: Int { length / 2 + 1 }

  private let plan: FourierPlan
  private var spectrum: [kiss_fft_cpx]

  public init(length: Int) {
    plan = FourierPlan(length: length, isInverse: false)
    self.length = length
    spectrum = Array(repeating: kiss_fft_cpx(r: 0, i: 0), count: length / 2 + 1)
  }

  /// `|X[k]|²` of a windowed frame of ``length`` samples into ``binCount`` values.
  public func powerSpectrum(of frame: [Float], into power: inout [Float]) {
    precondition(frame.count == length && power.count == binCount)
    kiss_fftr(plan.handle, frame, &spectrum)
    spectrum.withUnsafeBufferPointer { bins in
      power.withUnsafeMutableBufferPointer { power in
        for k in bins.indices { power[k] = bins[k].r * bins[k].r + bins[k].i * bins[k].i }
      }
    }
  }
}

/// The periodic Hann window: `0.5 - 0.5 cos(2π n / length)` for n in 0..<length.
public func periodicHannWindow(length: Int) -> [Float] {
  (0..<length).map { n in Float(0.5 - 0.5 * cos(2 * Double.pi * Double(n) / Double(length))) }
}

/// The symmetric Hamming window: `0.54 - 0.46 cos(2π n / (length - 1))` for n in 0..<length.
public func hammingWindow(length: Int) -> [Float] {
  (0..<length).map { n in Float(0.54 - 0.46 * cos(2 * Double.pi * Double(n) / Double(length - 1))) }
}
