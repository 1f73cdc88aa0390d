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
  /// What was asked of the system in vain.
  public var refusals: SystemRefusals = []

  public init() {}
}

/// What the daemon asks of the system so that it is never late, and goes on without.
public struct SystemRefusals: OptionSet, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Real-time scheduling for the capture thread.
  public static let captureInRealTime = SystemRefusals(rawValue: 1)
  /// The same for the inference thread.
  public static let inferenceInRealTime = SystemRefusals(rawValue: 2)
  /// That what the capture thread touches stays in memory.
  public static let lockedMemory = SystemRefusals(rawValue: 4)
}
