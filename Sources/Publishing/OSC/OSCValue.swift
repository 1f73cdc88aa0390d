/// A value that can be sent over OSC. The raw value is its name in the configuration and, as a rule, the end of its
/// address.
public enum OSCValue: String, Sendable, CaseIterable {
  /// Smoothed, in the destination's range.
  case valence
  case arousal
  /// The same in 0...1, whatever the destination's range is.
  case unitValence = "unit/valence"
  case unitArousal = "unit/arousal"
  /// Before smoothing, in the destination's range.
  case rawValence = "raw/valence"
  case rawArousal = "raw/arousal"
  /// Change per second, in units of -1...1.
  case valenceTrend = "trend/valence"
  case arousalTrend = "trend/arousal"
  /// 1 to 4.
  case quadrant
  /// 0...1.
  case confidence
  /// dBFS.
  case level
  /// 1 while the values follow an input, 0 otherwise.
  case active
  /// The state's name.
  case state
}
