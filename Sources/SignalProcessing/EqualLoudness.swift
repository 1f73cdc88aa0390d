internal import Glibc

/// How much power at a frequency is heard (Hermansky, "Perceptual linear predictive (PLP) analysis of speech", 1990, with
/// the term for frequencies above 5 kHz), and how loud it is.
public enum EqualLoudness {
  /// The power of the power that gives loudness (Stevens' law, about the cubic root).
  public static let exponent: Float = 0.33

  /// The weight of the power at `frequency` (Hz), at most 3.14 (at 3.4 kHz).
  public static func weight(at frequency: Double) -> Double {
    let square = pow(2 * .pi * frequency, 2)
    let middle = (square + 56.8e6) * square * square / (pow(square + 6.3e6, 2) * (square + 0.38e9))
    return middle * 1e32 / (pow(square, 3.5) + 1.7e31)
  }
}
