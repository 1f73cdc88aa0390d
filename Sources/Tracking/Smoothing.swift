internal import Affect
internal import Glibc

/// How the values are smoothed, as a user names it: `adaptive`, `one-euro`, `exponential:SECONDS` or `none`.
public enum Smoothing: Sendable, Equatable, CustomStringConvertible {
  /// Calm while the music stays as it is, quick when it changes.
  case adaptive
  case oneEuro(OneEuroFilter.Parameters)
  /// With a time constant in seconds.
  case exponential(Double)
  case none

  public static let standard = Smoothing.adaptive

  /// Time constants in seconds that are allowed.
  public static let timeConstants = 0.01...600

  /// Nil if `text` is none of them.
  public init?(_ text: String) {
    switch text {
    case "adaptive": self = .adaptive
    case "one-euro": self = .oneEuro(.standard)
    case "none": self = .none
    default:
      let prefix = "exponential:"
      guard text.hasPrefix(prefix), let seconds = Double(text.dropFirst(prefix.count)),
        Self.timeConstants.contains(seconds)
      else { return nil }
      self = .exponential(seconds)
    }
  }

  public var description: String {
    switch self {
    case .adaptive: "adaptive"
    case .oneEuro: "one-euro"
    case .exponential(let seconds): "exponential:\(seconds)"
    case .none: "none"
    }
  }
}

/// Smooths valence and arousal.
struct AffectSmoother: Sendable {
  private enum Filter: Sendable {
    case adaptive(AdaptiveFilter)
    case oneEuro(valence: OneEuroFilter, arousal: OneEuroFilter)
    case exponential(valence: ExponentialFilter, arousal: ExponentialFilter)
    case none
  }

  private var filter: Filter

  init(_ smoothing: Smoothing) {
    filter =
      switch smoothing {
      case .adaptive: .adaptive(AdaptiveFilter())
      case .oneEuro(let parameters):
        .oneEuro(valence: OneEuroFilter(parameters), arousal: OneEuroFilter(parameters))
      case .exponential(let time):
        .exponential(valence: ExponentialFilter(timeConstant: time), arousal: ExponentialFilter(timeConstant: time))
      case .none: .none
      }
  }

  /// - Parameter interval: seconds of audio since the value before.
  mutating func apply(_ affect: Affect, interval: Double) -> Affect {
    switch filter {
    case .adaptive(var both):
      defer { filter = .adaptive(both) }
      return both.apply(affect, interval: interval)
    case .oneEuro(var valence, var arousal):
      defer { filter = .oneEuro(valence: valence, arousal: arousal) }
      return Affect(
        valence: Float(valence.apply(Double(affect.valence), interval: interval)),
        arousal: Float(arousal.apply(Double(affect.arousal), interval: interval)))
    case .exponential(var valence, var arousal):
      defer { filter = .exponential(valence: valence, arousal: arousal) }
      return Affect(
        valence: Float(valence.apply(Double(affect.valence), interval: interval)),
        arousal: Float(arousal.apply(Double(affect.arousal), interval: interval)))
    case .none:
      return affect
    }
  }

  /// Goes on from `affect` as if it had been there for long; from nothing if it is nil.
  mutating func restart(at affect: Affect?) {
    switch filter {
    case .adaptive(var both):
      both.restart(at: affect)
      filter = .adaptive(both)
    case .oneEuro(var valence, var arousal):
      valence.restart(at: affect.map { Double($0.valence) })
      arousal.restart(at: affect.map { Double($0.arousal) })
      filter = .oneEuro(valence: valence, arousal: arousal)
    case .exponential(var valence, var arousal):
      valence.restart(at: affect.map { Double($0.valence) })
      arousal.restart(at: affect.map { Double($0.arousal) })
      filter = .exponential(valence: valence, arousal: arousal)
    case .none: break
    }
  }
}

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
