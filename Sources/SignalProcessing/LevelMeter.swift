import Glibc

/// The level of a stretch of audio: RMS with the mean (DC) removed, in dB relative to a full-scale sine.
///
/// A sine of amplitude 1 reads 0 dBFS (the convention of AES17), a full-scale square wave +3.01 dBFS. The floor is
/// -120 dBFS, which digital silence reads.
public struct LevelMeter: Sendable {
  public static let floor: Float = -120

  private var count = 0
  private var sum = 0.0
  private var sumOfSquares = 0.0

  public init() {}

  public mutating func add(_ samples: Span<Float>) {
    for index in samples.indices {
      let sample = Double(samples[index])
      sum += sample
      sumOfSquares += sample * sample
    }
    count += samples.count
  }

  /// The level in dBFS of everything added since the last call; starts anew.
  public mutating func take() -> Float {
    defer { self = LevelMeter() }
    guard count > 0 else { return Self.floor }
    let mean = sum / Double(count)
    let variance = max(0, sumOfSquares / Double(count) - mean * mean)
    // A full-scale sine has a variance of 1/2.
    return max(Self.floor, Float(10 * log10(2 * variance)))
  }
}
