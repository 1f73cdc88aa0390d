package import Affect

/// A value that a lamp or a fader can follow: each is told as 0...1. The raw value is its name in the configuration.
public enum UnitValue: String, Sendable, CaseIterable {
  /// -1 becomes 0, 1 becomes 1.
  case valence
  case arousal
  case confidence
  /// -60 dBFS and less become 0, 0 dBFS becomes 1.
  case level
  /// 1 while the values follow an input, else 0.
  case active
  /// The mood's colour, as `MoodColor` has it.
  case colorRed = "color/red"
  case colorGreen = "color/green"
  case colorBlue = "color/blue"
  case colorHue = "color/hue"
  case colorSaturation = "color/saturation"

  /// Whether it is a part of the colour.
  var isColor: Bool { rawValue.hasPrefix("color/") }
}

/// What lamps and faders are told at an instant.
package struct UnitValues: Sendable, Equatable {
  package var affect: Affect
  /// 0...1; 0 before there is one.
  package var confidence: Float
  /// dBFS.
  package var level: Float
  package var isActive: Bool

  /// The levels between which a fader moves.
  package static let levels: ClosedRange<Float> = -60...0

  package init(affect: Affect, confidence: Float = 0, level: Float = -120, isActive: Bool = false) {
    self.affect = affect
    self.confidence = confidence
    self.level = level
    self.isActive = isActive
  }

  /// Those of a tick.
  ///
  /// - Parameters:
  ///   - affect: what the receiver's loss policy makes of it.
  ///   - before: what the receiver was told last. Its confidence stays while there is no new one.
  package init(_ estimate: AffectEstimate, affect: Affect, after before: UnitValues?) {
    self.init(
      affect: affect, confidence: estimate.values?.confidence ?? before?.confidence ?? 0, level: estimate.level,
      isActive: estimate.state == .tracking)
  }

  /// The color of the values; ask for it once, and for its parts then.
  package func color(_ palette: MoodPalette) -> MoodColor { palette.color(of: affect) }

  /// A value as 0...1.
  ///
  /// - Parameter color: that of ``color(_:)``.
  package func unit(_ value: UnitValue, _ color: MoodColor) -> Float {
    switch value {
    case .valence: Affect.unit(affect.valence)
    case .arousal: Affect.unit(affect.arousal)
    case .confidence: min(max(confidence, 0), 1)
    case .level:
      (min(max(level, Self.levels.lowerBound), Self.levels.upperBound) - Self.levels.lowerBound)
        / (Self.levels.upperBound - Self.levels.lowerBound)
    case .active: isActive ? 1 : 0
    case .colorRed: color.red
    case .colorGreen: color.green
    case .colorBlue: color.blue
    case .colorHue: color.hue
    case .colorSaturation: color.saturation
    }
  }

  /// The values between these and `other`, at a share of 0...1 of the way.
  package func mixed(with other: UnitValues, share: Float) -> UnitValues {
    guard share < 1 else { return other }
    return UnitValues(
      affect: affect.mixed(with: other.affect, share: share),
      confidence: confidence + (other.confidence - confidence) * share,
      level: level + (other.level - level) * share, isActive: other.isActive)
  }
}
