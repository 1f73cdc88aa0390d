/// What the inference thread can be told while it runs.
public enum TrackingCommand: Sendable {
  case smoothing(Smoothing)
  case silence(SilenceSettings)
  case deadBand(Float)
  /// dB.
  case gain(Double)
  case freeze(Bool)
  case reset
  /// Measure the loudness of the next so many seconds.
  case measureLoudness(seconds: Double)
  /// Nobody waits for the measurement any more.
  case endMeasurement
  case stop
}
