/// A receiver of OSC, and how it wants to be told.
public struct OSCDestination: OutputDestination {
  /// As the configuration calls it; used in messages.
  public var name: String
  public var endpoint: HostEndpoint
  /// What is sent, in this order.
  public var values = OSCValue.standard
  /// The address of a value: `{value}` stands for its name, `{name}` for the destination's.
  public var address = "/affect/{value}"
  /// Addresses of single values, instead of ``address``.
  public var addresses: [OSCValue: String] = [:]
  /// What -1 and 1 of valence and arousal become; may run downwards.
  public var range: [Float] = [-1, 1]
  /// Ticks that are sent per second at most; nil for all.
  public var rate: Double?
  /// Whether the messages of a tick travel in one bundle, or each in a packet of its own.
  public var bundle = true
  public var timeTag = TimeTag.immediate
  public var onLoss = LossPolicy.standard

  public enum TimeTag: String, Sendable, CaseIterable {
    /// The receiver acts at once.
    case immediate
    /// The wall-clock time of the tick, for receivers that schedule.
    case audio
  }

  /// What may be set.
  public static let rangeLimit: Float = 1e6

  public static let standard = OSCDestination(
    name: "local", endpoint: HostEndpoint(host: "127.0.0.1", port: 9000))

  public init(name: String, endpoint: HostEndpoint) {
    self.name = name
    self.endpoint = endpoint
  }

  /// The address under which `value` is sent.
  public func address(of value: OSCValue) -> String {
    (addresses[value] ?? address)
      .replacing("{value}", with: value.rawValue)
      .replacing("{name}", with: name)
  }
}

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
  /// The mood's colour, each 0...1.
  case colorRed = "color/red"
  case colorGreen = "color/green"
  case colorBlue = "color/blue"
  case colorHue = "color/hue"
  case colorSaturation = "color/saturation"

  /// What is sent if nothing else is said: all but the colour, so that a tick stays one packet.
  public static let standard = allCases.filter { !$0.rawValue.hasPrefix("color/") }
}
