internal import CKissFFT
internal import Glibc

/// What KissFFT keeps for the Fourier transform of a real frame of one length, or for the way back.
final class FourierPlan {
  let handle: kiss_fftr_cfg

  /// - Parameter length: samples of a frame, even.
  init(length: Int, isInverse: Bool) {
    precondition(length > 0 && length % 2 == 0, "KissFFT's real transform wants an even length")
    guard let handle = kiss_fftr_alloc(Int32(length), isInverse ? 1 : 0, nil, nil) else {
      fatalError("out of memory for an FFT of \(length)")  // nothing sensible is left to do
    }
    self.handle = handle
  }

  deinit { free(UnsafeMutableRawPointer(handle)) }
}
