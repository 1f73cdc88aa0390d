public import AudioInput
public import Platform

/// An input that does what the test says.
public final class ScriptedSource: AudioSource {
  public let format: AudioFormat
  public let pace: AudioPace
  public var overrunCount = 0
  /// Frames that it has and nobody has read.
  public var available = 0
  /// What it says when it has nothing.
  public var hasEnded = false
  public var failure: Failure?
  /// What it gives, frame by frame, from the number of the frame.
  public var sample: (_ frame: Int, _ channel: Int) -> Float
  private var position = 0

  public init(
    pace: AudioPace, rate: Int = 1000, channels: Int = 1,
    sample: @escaping (_ frame: Int, _ channel: Int) -> Float = { frame, _ in frame % 2 == 0 ? 0.6 : 0.4 }
  ) {
    format = AudioFormat(sampleRate: rate, channelCount: channels)
    self.pace = pace
    self.sample = sample
  }

  public func read(into frames: inout [Float]) throws(Failure) -> AudioReadResult {
    if let failure { throw failure }
    guard available > 0 else { return hasEnded ? .end : .nothing }
    let count = min(available, frames.count / format.channelCount)
    for frame in 0..<count {
      for channel in 0..<format.channelCount {
        frames[frame * format.channelCount + channel] = sample(position + frame, channel)
      }
    }
    available -= count
    position += count
    return .frames(count)
  }
}
