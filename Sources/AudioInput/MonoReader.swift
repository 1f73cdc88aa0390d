public import Affect
public import Platform

/// Reads a source as one channel of usable samples.
///
/// Samples that are NaN, infinite or far beyond full scale (``largestAmplitude``) count as silence, and so does a whole
/// stretch that is full of numbers that are too large.
public final class MonoReader {
  public let source: any AudioSource
  public let selection: ChannelSelection
  /// Samples that counted as silence so far.
  public private(set) var invalidSampleCount = 0
  /// The frames of the last read, `[blockLength]`; the first so many are valid.
  public private(set) var samples: [Float]
  /// Most frames that one read brings.
  public let blockLength: Int

  public var sampleRate: Int { source.format.sampleRate }
  /// What is the matter with the audio of the last seconds.
  public var conditions: InputConditions { check.conditions }
  /// What was the matter with some of it so far.
  public private(set) var pastConditions: InputConditions = []
  /// Those of them that are numbers.
  private var absurdSampleCount = 0

  /// 18 dB above full scale. What is louder is no audio.
  static let largestAmplitude: Float = 8

  private var interleaved: [Float]
  private var check: SignalCheck

  /// How much audio a read brings at most where nothing else is said, seconds.
  public static let readLength = 0.005

  /// - Parameter readLength: how much audio a read brings at most, seconds.
  /// - Throws: ``Failure`` if the source does not have the channel that `selection` asks for.
  public init(
    _ source: any AudioSource, channel selection: ChannelSelection, readLength: Double = MonoReader.readLength
  ) throws(Failure) {
    guard selection.leastChannelCount <= source.format.channelCount else {
      throw Failure(
        .noInput,
        "channel \(selection) was asked for, but the input has \(source.format.channelCount): "
          + "choose another one with --channel")
    }
    self.source = source
    self.selection = selection
    blockLength = max(1, Int(Double(source.format.sampleRate) * readLength))
    samples = Array(repeating: 0, count: blockLength)
    interleaved = Array(repeating: 0, count: blockLength * source.format.channelCount)
    let isOne = selection != .average
    check = SignalCheck(sampleRate: source.format.sampleRate, channels: isOne ? 1 : source.format.channelCount)
  }

  /// Reads at most ``blockLength`` frames into ``samples``.
  public func read() throws(Failure) -> AudioReadResult {
    let result = try source.read(into: &interleaved)
    if case .frames(let count) = result { mix(count) }
    return result
  }

  /// Reads up to the end, for sources that have one.
  public func readAll(_ body: (Span<Float>) throws -> Void) throws {
    while true {
      switch try read() {
      case .frames(let count):
        let block = samples
        try body(block.span.extracting(first: count))
      case .nothing: continue
      case .end: return
      }
    }
  }

  /// The whole input at `rate` Hz, for sources that have an end.
  public func readAll(atRate rate: Int) throws -> [Float] {
    let resampler = Resampler(from: sampleRate, to: rate)
    var result: [Float] = []
    let append = { (piece: Span<Float>) in for index in piece.indices { result.append(piece[index]) } }
    try readAll { resampler.process($0, emit: append) }
    resampler.finish(emit: append)
    return result
  }

  /// What was the matter with the audio so far, a sentence each: for inputs that have an end.
  public var conditionWarnings: [String] {
    InputConditions.all.filter { pastConditions.contains($0.condition) }.map(\.advice)
  }

  private func mix(_ count: Int) {
    let channels = source.format.channelCount
    let scale = 1 / Float(channels)
    let absurdBefore = absurdSampleCount
    var mixPower: Float = 0
    for frame in 0..<count {
      var value: Float = 0
      switch selection {
      case .average:
        for channel in 0..<channels {
          let sample = usable(interleaved[frame * channels + channel])
          check.add(sample, channel: channel)
          value += sample
        }
        value *= scale
      case .channel(let number):
        value = usable(interleaved[frame * channels + number - 1])
        check.add(value, channel: 0)
      }
      mixPower += value * value
      samples[frame] = value
    }
    let heard = selection == .average ? count * channels : count
    check.endBlock(
      frames: count, mixPower: mixPower, absurd: absurdSampleCount - absurdBefore, samples: heard)
    pastConditions.formUnion(check.conditions)
    if check.conditions.contains(.outOfRange) {
      for frame in 0..<count { samples[frame] = 0 }
    }
  }

  private func usable(_ sample: Float) -> Float {
    guard abs(sample) <= Self.largestAmplitude else {  // false for NaN too
      invalidSampleCount += 1
      if sample.isFinite { absurdSampleCount += 1 }
      return 0
    }
    return sample
  }
}
