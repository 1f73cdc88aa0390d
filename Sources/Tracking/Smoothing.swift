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
