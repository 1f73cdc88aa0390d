public import Platform

/// Rate and channels of a stream of audio.
public struct AudioFormat: Sendable, Equatable {
  /// Hz.
  public let sampleRate: Int
  public let channelCount: Int

  /// What is accepted; everything in it can be resampled to what the networks want.
  public static let sampleRates = 1_000...768_000
  public static let channelCounts = 1...256

  public init(sampleRate: Int, channelCount: Int) {
    self.sampleRate = sampleRate
    self.channelCount = channelCount
  }
}

/// What a read from an ``AudioSource`` brought.
public enum AudioReadResult: Sendable, Equatable {
  /// This many frames, at least one.
  case frames(Int)
  /// Nothing yet: ask again. A source that waits for its device says so at least every 100 ms, so that its reader
  /// can stop.
  case nothing
  /// The source is exhausted. Every later read says the same.
  case end
}

/// Something that audio comes from.
///
/// A source is used by one thread at a time. Reading does not allocate.
public protocol AudioSource: AnyObject {
  var format: AudioFormat { get }

  /// Who sets the pace. Audio that is not read from a device in time is lost; other sources wait.
  var pace: AudioPace { get }

  /// How often the device had more audio than its buffer holds, so that some was lost.
  var overrunCount: Int { get }

  /// What is odd about the input without being an error, one sentence each. Complete once ``read(into:)`` said `.end`.
  var warnings: [String] { get }

  /// Reads at most `frames.count / channelCount` frames.
  ///
  /// - Parameter frames: overwritten from its start, interleaved, full scale ±1. Its size does not change.
  /// - Throws: ``Failure`` when the device or the file fails. Nothing more can be read then.
  func read(into frames: inout [Float]) throws(Failure) -> AudioReadResult
}

extension AudioSource {
  public var pace: AudioPace { .realTime }
  public var overrunCount: Int { 0 }
  public var warnings: [String] { [] }
}
