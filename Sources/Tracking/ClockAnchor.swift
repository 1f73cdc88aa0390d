internal import Glibc

/// Ties audio time to a clock: `time = audio time + offset`.
///
/// A sound card's clock is off by some 50 ppm, 4 s a day. So the offset follows what is observed, with a time constant
/// long enough to even out when reads happen to return.
package struct ClockAnchor: Sendable {
  /// Seconds; nil before the first observation.
  package private(set) var offset: Double?

  private var lastAudioTime = 0.0

  /// Seconds.
  static let timeConstant = 10.0
  /// A larger error, in seconds, is no drift: the audio paused.
  static let largestDrift = 1.0

  package init() {}

  /// Says that the audio up to `audioTime` had just arrived at `time`, both in seconds.
  package mutating func observe(audioTime: Double, time: Double) {
    let observed = time - audioTime
    defer { lastAudioTime = audioTime }
    guard let offset, abs(observed - offset) <= Self.largestDrift else {
      offset = observed
      return
    }
    let weight = 1 - exp(-max(0, audioTime - lastAudioTime) / Self.timeConstant)
    self.offset = offset + (observed - offset) * weight
  }
}
