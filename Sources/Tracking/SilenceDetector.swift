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
