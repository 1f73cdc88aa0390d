public import Affect

/// What listeners said of one moment of a song, averaged over them.
public struct TimedLabel: Sendable, Equatable {
  /// Seconds from the beginning of the audio file.
  public let time: Double
  /// -1...1
  public let affect: Affect

  public init(time: Double, affect: Affect) {
    self.time = time
    self.affect = affect
  }
}
