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
  /// What is the matter with the audio right now.
  public var conditions: InputConditions = []
  /// Whether the capture thread asked for real-time scheduling in vain.
  public var isWithoutPriority = false

  public init() {}
}
