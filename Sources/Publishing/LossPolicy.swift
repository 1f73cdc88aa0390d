public import Affect

/// What a receiver gets while the device is lost, as a user writes it: `hold`, `decay`, `decay:SECONDS`, or values to
/// fall back to.
public enum LossPolicy: Sendable, Equatable, CustomStringConvertible {
  /// The last values.
  case hold
  /// The last values going to neutral in so many seconds.
  case decay(Double)
  /// These values, reached in a second.
  case fallback(Affect)

  public static let standard = LossPolicy.decay(10)

  /// Seconds that a decay may take.
  public static let decayTimes = 0.0...86_400.0

  /// Nil if `text` is neither `hold` nor `decay` nor `decay:SECONDS`.
  public init?(_ text: String) {
    switch text {
    case "hold": self = .hold
    case "decay": self = .standard
    default:
      let prefix = "decay:"
      guard text.hasPrefix(prefix), let seconds = Double(text.dropFirst(prefix.count)),
        Self.decayTimes.contains(seconds)
      else { return nil }
      self = .decay(seconds)
    }
  }

  public var description: String {
    switch self {
    case .hold: "hold"
    case .decay(let seconds): "decay:\(seconds)"
    case .fallback(let affect): "valence \(affect.valence), arousal \(affect.arousal)"
    }
  }
}
