/// What is known of the samples of one read, beside the samples.
public struct AudioBlock: Sendable, Equatable {
  /// Frames that the source had given before this one, in all.
  public var start = 0
  public var count = 0
  /// When the read returned, seconds of ``Clock/now``.
  public var arrival = 0.0
  /// The same on the wall.
  public var wall = 0.0
  /// Overruns of the source so far.
  public var overruns = 0
  /// Whether the reader had to wait for it: the source kept nothing older then.
  public var isFresh = true
  /// Samples that counted as silence so far, because they were no usable numbers.
  public var invalidSamples = 0
  /// What is wrong with the audio.
  public var fault = SignalFault.none

  /// Position after the last frame.
  public var end: Int { start + count }

  public init() {}
}
