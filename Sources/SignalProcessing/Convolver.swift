internal import CKissFFT
internal import Glibc

/// Filters a whole signal with a finite impulse response, by products of spectra (overlap-add; Stockham, "High-speed
/// convolution and correlation", 1966). For signals that are there as a whole; not for the audio path.
public struct Convolver {
  private let response: [kiss_fft_cpx]
  private let responseLength: Int
  private let length: Int

  /// - Parameter response: at least one value.
  public init(response: [Float]) {
    precondition(!response.isEmpty)
    responseLength = response.count
    var length = 4096
    while length < 2 * response.count { length *= 2 }
    self.length = length
    self.response = Self.transform(response, length: length)
  }

  /// `signal` filtered, `[signal.count + response.count - 1]`.
  public func apply(to signal: [Float]) -> [Float] {
    let step = length - responseLength + 1
    var result = [Float](repeating: 0, count: signal.count + responseLength - 1)
    guard let forward = kiss_fftr_alloc(Int32(length), 0, nil, nil),
      let inverse = kiss_fftr_alloc(Int32(length), 1, nil, nil)
    else { fatalError("out of memory for an FFT of \(length)") }  // nothing sensible is left to do
    defer {
      free(UnsafeMutableRawPointer(forward))
      free(UnsafeMutableRawPointer(inverse))
    }
    var block = [Float](repeating: 0, count: length)
    var spectrum = [kiss_fft_cpx](repeating: kiss_fft_cpx(), count: length / 2 + 1)
    for start in stride(from: 0, to: signal.count, by: step) {
      let count = min(step, signal.count - start)
      for index in 0..<count { block[index] = signal[start + index] }
      for index in count..<length { block[index] = 0 }
      kiss_fftr(forward, block, &spectrum)
      for bin in spectrum.indices {
        let (a, b) = (spectrum[bin], response[bin])
        spectrum[bin] = kiss_fft_cpx(r: a.r * b.r - a.i * b.i, i: a.r * b.i + a.i * b.r)
      }
      kiss_fftri(inverse, spectrum, &block)
      let scale = 1 / Float(length)
      for index in 0..<min(length, result.count - start) { result[start + index] += block[index] * scale }
    }
    return result
  }

  private static func transform(_ values: [Float], length: Int) -> [kiss_fft_cpx] {
    guard let plan = kiss_fftr_alloc(Int32(length), 0, nil, nil) else {
      fatalError("out of memory for an FFT of \(length)")  // nothing sensible is left to do
    }
    defer { free(UnsafeMutableRawPointer(plan)) }
    var spectrum = [kiss_fft_cpx](repeating: kiss_fft_cpx(), count: length / 2 + 1)
    kiss_fftr(plan, values + [Float](repeating: 0, count: length - values.count), &spectrum)
    return spectrum
  }

  /// The response of a filter that changes amplitudes and no phases, symmetric around `amplitudes.count - 1`, under a
  /// Hann window.
  ///
  /// - Parameter amplitudes: at frequencies from 0 to half the rate, evenly spaced, an odd number of them, at least 3.
  public static func symmetricResponse(_ amplitudes: [Float]) -> [Float] {
    let half = amplitudes.count - 1
    precondition(half >= 2 && half.isMultiple(of: 2))
    guard let inverse = kiss_fftr_alloc(Int32(2 * half), 1, nil, nil) else {
      fatalError("out of memory for an FFT of \(2 * half)")  // nothing sensible is left to do
    }
    defer { free(UnsafeMutableRawPointer(inverse)) }
    // A turn of half the length puts the middle of the response into the middle of the array.
    let spectrum = amplitudes.enumerated().map { kiss_fft_cpx(r: $0.isMultiple(of: 2) ? $1 : -$1, i: 0) }
    var response = [Float](repeating: 0, count: 2 * half)
    kiss_fftri(inverse, spectrum, &response)
    let window = periodicHannWindow(length: 2 * half)
    return response.indices.map { response[$0] * window[$0] / Float(2 * half) }
  }
}
