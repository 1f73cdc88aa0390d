internal import Glibc

/// A steady sine, 6 dB under full scale, for tests of a set-up. It never ends.
public final class ToneSource: AudioSource {
  public let format = AudioFormat(sampleRate: 48_000, channelCount: 1)

  private let step: Double
  /// In turns, 0..<1.
  private var phase = 0.0

  /// Frequencies in Hz that can be played.
  public static let frequencies = 1.0...20_000

  public init(frequency: Double) {
    step = frequency / Double(format.sampleRate)
  }

  public func read(into frames: inout [Float]) -> AudioReadResult {
    for index in frames.indices {
      frames[index] = Float(0.5 * sin(2 * Double.pi * phase))
      phase += step
      if phase >= 1 { phase -= 1 }
    }
    return .frames(frames.count)
  }
}
