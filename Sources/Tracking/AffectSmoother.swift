internal import Affect

/// Smooths valence and arousal, each by a filter of its own.
struct AffectSmoother {
  private enum Filter {
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
}
