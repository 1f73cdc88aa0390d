internal import Affect

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
