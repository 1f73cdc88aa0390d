internal import Glibc

/// The plain exponential filter: a first-order low-pass with a time constant.
struct ExponentialFilter: Sendable {
  /// Seconds.
  let timeConstant: Double
  private var value: Double?

  init(timeConstant: Double) {
    self.timeConstant = timeConstant
  }

  /// The filtered value of `input`, which came `interval` seconds after the one before. The first passes unchanged.
  mutating func apply(_ input: Double, interval: Double) -> Double {
    guard let before = value else {
      value = input
      return input
    }
    let after = before + (1 - exp(-interval / timeConstant)) * (input - before)
    value = after
    return after
  }

  /// Goes on from `value` as if it had been there for long; from nothing if it is nil.
  mutating func restart(at value: Double?) {
    self.value = value
  }
}
