internal import Glibc

/// The band-pass filter of RASTA over the logarithm of the power in bands, which leaves of them what changes as fast as
/// speech does (Hermansky and Morgan, "RASTA processing of speech", 1994).
///
/// The paper's filter at 100 frames a second is `(2 + z⁻¹ - z⁻³ - 2 z⁻⁴) / 10 (1 - p z⁻¹)`. Here its zeros lie at 0 Hz,
/// 29 Hz and half the frame rate, the pole is that of a cutoff at 1 Hz, `p = 1 - sin 2π/T`, and the sum of the squares of
/// the numerator stays 1/10: `(0.2002, 0.0996, 0, -0.0996, -0.2002)` and p = 0.9372. These were found by comparing with
/// openSMILE's output.
public struct RastaFilter: Sendable {
  /// The first frames, which are 0: the filter begins when it has five frames.
  public static let settling = 5

  private let zeros: [Float]
  private let pole: Float

  /// - Parameter frameRate: frames per second.
  public init(frameRate: Double) {
    let inner = -2 * cos(2 * .pi * 29 / frameRate)
    let scale = (0.1 / (2 + 2 * inner * inner)).squareRoot()
    zeros = [1, inner, 0, -inner, -1].map { Float(scale * $0) }
    pole = Float(1 - sin(2 * .pi / frameRate))
  }

  /// Filters each channel of `values`, `[frames × channels]`, from the first frame on.
  public func apply(to values: inout [Float], channelCount: Int) {
    let settled = Self.settling * channelCount
    guard values.count > settled else {
      for place in values.indices { values[place] = 0 }
      return
    }
    var values = values.mutableSpan
    // Backwards, since a frame is made of those before it.
    for place in stride(from: values.count - 1, through: settled, by: -1) {
      var sum: Float = 0
      for delay in zeros.indices { sum += zeros[delay] * values[place - delay * channelCount] }
      values[place] = sum
    }
    for place in 0..<settled { values[place] = 0 }
    for place in settled..<values.count { values[place] += pole * values[place - channelCount] }
  }
}
