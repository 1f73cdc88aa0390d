internal import Glibc

/// Ties audio time to the wall clock: `unix time = audio time + offset`.
///
/// A sound card's clock is off by some 50 ppm, 4 s a day. So the offset follows what is observed, with a time constant
/// long enough to even out when reads happen to return.
public struct ClockAnchor: Sendable {
  /// Seconds; nil before the first observation.
  public private(set) var offset: Double?

  private var lastAudioTime = 0.0

  /// Seconds.
  static let timeConstant = 10.0
  /// A larger error, in seconds, is no drift: the wall clock was set, or the audio paused.
  static let largestDrift = 1.0

  public init() {}

  /// Says that the audio up to `audioTime` had just arrived when the wall clock showed `unixTime`, both in seconds.
  public mutating func observe(audioTime: Double, unixTime: Double) {
    let observed = unixTime - audioTime
    defer { lastAudioTime = audioTime }
    guard let offset, abs(observed - offset) <= Self.largestDrift else {
      offset = observed
      return
    }
    let weight = 1 - exp(-(audioTime - lastAudioTime) / Self.timeConstant)
    self.offset = offset + (observed - offset) * weight
  }
}
