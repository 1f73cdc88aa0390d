/// The one-euro filter (Casiez, Roussel, Vogel, "1€ filter: a simple speed-based low-pass filter for noisy input in
/// interactive systems", CHI 2012): a first-order low-pass whose cutoff rises with the speed of the signal, so that it
/// is calm in a steady passage and quick at a change.
public struct OneEuroFilter: Sendable {
  public struct Parameters: Sendable, Equatable {
    /// Cutoff of a signal at rest, Hz.
    public let minimumCutoff: Double
    /// Growth of the cutoff with the speed: Hz per unit a second.
    public let beta: Double
    /// Cutoff of the speed's own low-pass, Hz.
    public let derivativeCutoff: Double

    public init(minimumCutoff: Double, beta: Double, derivativeCutoff: Double) {
      self.minimumCutoff = minimumCutoff
      self.beta = beta
      self.derivativeCutoff = derivativeCutoff
    }

    /// Chosen on excerpts cut end to end: follows a cut as fast as no filter does, and is calmer.
    public static let standard = Parameters(minimumCutoff: 0.12, beta: 0.6, derivativeCutoff: 0.5)
  }

  private let parameters: Parameters
  private var value: Double?
  private var speed = 0.0

  public init(_ parameters: Parameters = .standard) {
    self.parameters = parameters
  }

  /// The filtered value of `input`, which came `interval` seconds after the one before. The first passes unchanged.
  public mutating func apply(_ input: Double, interval: Double) -> Double {
    guard let before = value else {
      value = input
      return input
    }
    speed += Self.weight(cutoff: parameters.derivativeCutoff, interval) * ((input - before) / interval - speed)
    let cutoff = parameters.minimumCutoff + parameters.beta * abs(speed)
    let after = before + Self.weight(cutoff: cutoff, interval) * (input - before)
    value = after
    return after
  }

  /// Goes on from `value` as if it had been there for long; from nothing if it is nil.
  public mutating func restart(at value: Double?) {
    self.value = value
    speed = 0
  }

  /// Weight of the new value in a first-order low-pass: `1 / (1 + τ / interval)`, `τ = 1 / (2π cutoff)`.
  private static func weight(cutoff: Double, _ interval: Double) -> Double {
    1 / (1 + 1 / (2 * .pi * cutoff * interval))
  }
}
