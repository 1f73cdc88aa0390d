/// Tells silence from music by the level.
struct SilenceDetector: Sendable {
  var settings: SilenceSettings
  /// Whether the level is below the threshold.
  private(set) var isQuiet = false
  /// Whether it has been for long enough.
  private(set) var isSilent = false

  /// Seconds.
  private var quietTime = 0.0

  init(_ settings: SilenceSettings) {
    self.settings = settings
  }

  /// - Parameter level: of the last `seconds` of audio, dBFS.
  mutating func add(level: Float, seconds: Double) {
    // What ends a silence must be clearly above the threshold.
    isQuiet = level < settings.threshold + (isSilent ? SilenceSettings.hysteresis : 0)
    quietTime = isQuiet ? quietTime + seconds : 0
    // A little less, so that sums of 0.05 s reach 3 s.
    isSilent = isQuiet && quietTime >= settings.delay - 1e-6
  }

  mutating func restart() {
    self = SilenceDetector(settings)
  }
}

/// When the input counts as silent, and what the values do then.
public struct SilenceSettings: Sendable, Equatable {
  /// dBFS; what lies below is quiet.
  public var threshold: Float = -60
  /// Seconds of quiet after which the state is `silent`.
  public var delay = 3.0
  /// Seconds for which the values then hold.
  public var hold = 5.0
  /// Seconds in which they go to neutral after that.
  public var decay = 10.0

  /// Whether speech without music counts as silence, too.
  public var includesSpeech = true

  /// dB above the threshold that end a silence, so that a level near the threshold does not flicker.
  public static let hysteresis: Float = 3

  /// What may be set.
  public static let thresholds: ClosedRange<Float> = -120...0
  public static let delays = 0.1...600.0
  public static let holds = 0.0...86_400.0
  public static let decays = 0.0...86_400.0

  public init() {}
}
