/// What happened to the input since the start.
public struct InputCounters: Sendable, Equatable {
  /// Times that the device had more audio than its buffer holds.
  public var overruns = 0
  /// Times that a lost device came back.
  public var reconnects = 0
  /// Ticks left out because the network did not keep up.
  public var skippedTicks = 0
  /// Seconds of audio that were lost.
  public var lostSeconds = 0.0
  /// Samples that counted as silence because they were no usable numbers.
  public var invalidSamples = 0
  /// Whether the channels cancel each other right now, so that their mean is silence.
  public var channelsCancel = false
  /// Whether the samples lie far beyond full scale right now, and count as silence.
  public var isOutOfRange = false
  /// Whether the capture thread asked for real-time scheduling in vain.
  public var isWithoutPriority = false

  public init() {}
}
