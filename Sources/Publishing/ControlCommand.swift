/// What a running affectd can be told or asked, over the socket or OSC.
public enum ControlCommand: Sendable, Equatable {
  case getState
  case getConfig
  case getStats
  /// Stop publishing, and go on listening.
  case pause
  /// End a pause or a freeze.
  case resume
  /// Go on publishing the values of this moment.
  case freeze
  /// Forget the values and begin anew.
  case reset
  /// Put a named mark into the stream.
  case mark(String)
  case set(Adjustment)
  /// Measure the input for so many seconds, and keep what brings it to the level and the colour of recorded music.
  case calibrate(seconds: Double, isNoise: Bool = false)
  /// Nobody waits for the calibration any more. No client can ask for it: it is what follows when one is gone.
  case endCalibration

  /// Settings that change while affectd runs; nil for those that stay.
  public struct Adjustment: Sendable, Equatable {
    /// As in the configuration: adaptive, one-euro, none or exponential:SECONDS.
    public var smoothing: String?
    /// dB.
    public var gain: Double?
    /// Milliseconds.
    public var offset: Double?

    public init(smoothing: String? = nil, gain: Double? = nil, offset: Double? = nil) {
      self.smoothing = smoothing
      self.gain = gain
      self.offset = offset
    }
  }

  /// Bytes of a mark's label.
  public static let labelLimit = 200
  /// Seconds that a calibration may take.
  public static let calibrationTimes = 5.0...600.0
}
