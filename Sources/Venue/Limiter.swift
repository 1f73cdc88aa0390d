internal import Glibc

/// A loudspeaker system that protects itself: above the threshold the sound is turned down, at once, and slowly up again.
enum Limiter {
  /// - Parameter threshold: dBFS.
  static func apply(to signal: inout [Float], threshold: Double, rate: Int) {
    let limit = Float(pow(10, threshold / 20))
    let attack = Float(exp(-1 / (0.002 * Double(rate))))
    let release = Float(exp(-1 / (0.15 * Double(rate))))
    var envelope: Float = 0
    for index in signal.indices {
      let magnitude = abs(signal[index])
      let factor = magnitude > envelope ? attack : release
      envelope = factor * envelope + (1 - factor) * magnitude
      if envelope > limit { signal[index] *= limit / envelope }
    }
  }
}
