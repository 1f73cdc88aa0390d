internal import Affect
internal import Glibc

/// How the values are smoothed, as a user names it: `one-euro`, `exponential:SECONDS` or `none`.
public enum Smoothing: Sendable, Equatable, CustomStringConvertible {
  case oneEuro(OneEuroFilter.Parameters)
  /// With a time constant in seconds.
  case exponential(Double)
  case none

  public static let standard = Smoothing.oneEuro(.standard)

  /// Time constants in seconds that are allowed.
  public static let timeConstants = 0.01...600

  /// Nil if `text` is none of the three.
  public init?(_ text: String) {
    switch text {
    case "one-euro": self = .standard
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
    case .oneEuro: "one-euro"
    case .exponential(let seconds): "exponential:\(seconds)"
    case .none: "none"
    }
  }
}

/// Smooths valence and arousal, each by a filter of its own.
struct AffectSmoother: Sendable {
  private enum Filter: Sendable {
    case oneEuro(OneEuroFilter)
    case exponential(ExponentialFilter)
    case none

    init(_ smoothing: Smoothing) {
      self =
        switch smoothing {
        case .oneEuro(let parameters): .oneEuro(OneEuroFilter(parameters))
        case .exponential(let timeConstant): .exponential(ExponentialFilter(timeConstant: timeConstant))
        case .none: .none
        }
    }

    mutating func apply(_ value: Float, interval: Double) -> Float {
      switch self {
      case .oneEuro(var filter):
        defer { self = .oneEuro(filter) }
        return Float(filter.apply(Double(value), interval: interval))
      case .exponential(var filter):
        defer { self = .exponential(filter) }
        return Float(filter.apply(Double(value), interval: interval))
      case .none:
        return value
      }
    }

    mutating func restart(at value: Float?) {
      switch self {
      case .oneEuro(var filter):
        filter.restart(at: value.map(Double.init))
        self = .oneEuro(filter)
      case .exponential(var filter):
        filter.restart(at: value.map(Double.init))
        self = .exponential(filter)
      case .none: break
      }
    }
  }

  private var valence: Filter
  private var arousal: Filter

  init(_ smoothing: Smoothing) {
    valence = Filter(smoothing)
    arousal = Filter(smoothing)
  }

  /// - Parameter interval: seconds of audio since the value before.
  mutating func apply(_ affect: Affect, interval: Double) -> Affect {
    Affect(
      valence: valence.apply(affect.valence, interval: interval),
      arousal: arousal.apply(affect.arousal, interval: interval))
  }

  /// Goes on from `affect` as if it had been there for long; from nothing if it is nil.
  mutating func restart(at affect: Affect?) {
    valence.restart(at: affect?.valence)
    arousal.restart(at: affect?.arousal)
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
