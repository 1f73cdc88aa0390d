public import Affect
public import AudioInput
public import Platform
public import SignalProcessing

/// What the inference thread can be told while it runs.
public enum TrackingCommand: Sendable {
  case smoothing(Smoothing)
  case silence(SilenceSettings)
  case deadBand(Float)
  /// dB.
  case gain(Double)
  case freeze(Bool)
  case reset
  /// What of the venue is followed over many pieces.
  case follow(VenueFollowing)
  /// Another colour; nil for none.
  case filter(VenueFilter?)
  /// Measure level and colour of the next so many seconds.
  case measure(seconds: Double)
  /// Nobody waits for the measurement any more.
  case endMeasurement
  case stop
}

/// What happens on the inference thread.
public enum TrackingEvent: Sendable {
  /// The networks have run a first time.
  case ready
  /// The state has changed, at the wall-clock time `unixTime` (seconds since 1970).
  case state(TrackerState, unixTime: Double)
  case estimate(TimedEstimate)
  /// The device that was lost or waited for is open.
  case opened(InputDescription)
  /// The device is lost, and is tried again from now on.
  case lost(Failure)
  /// The device could not be opened; said again only when the reason changes.
  case notOpened(Failure)
  /// Audio comes again in a new stream, after so many seconds without.
  case returned(gap: Double)
  /// What was found over many pieces has changed, see ``AffectTracker/adapted``.
  case adapted(Calibration?)
  /// The counters have changed.
  case counters(InputCounters)
  /// The input was measured; nil if nothing was loud enough.
  case measured(VenueMeasurement.Result?)
  /// The input could not be measured; says why.
  case measurementFailed(String)
  /// The input is exhausted, stopped or broken, and everything before that was handed over. Nothing follows.
  case ended(Capture.Ending)
}

/// The input as it was opened.
public struct InputDescription: Sendable, Equatable {
  /// Hz.
  public let sampleRate: Int
  public let channelCount: Int
  /// What is odd about it.
  public let warnings: [String]

  public init(_ capture: Capture) {
    sampleRate = capture.sampleRate
    channelCount = capture.channelCount
    warnings = capture.warnings
  }
}
