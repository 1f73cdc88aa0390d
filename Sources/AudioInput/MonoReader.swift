public import Affect
public import Platform
internal import SignalProcessing

/// Reads a source as one channel of usable samples.
///
/// Samples that are NaN, infinite or far beyond full scale (``ChannelMixer/largestAmplitude``) count as silence, and so
/// does a whole stretch that is full of numbers that are too large.
public final class MonoReader {
  public let source: any AudioSource
  public let selection: ChannelSelection
  /// Samples that counted as silence so far.
  public var invalidSampleCount: Int { mixer.invalidSampleCount }
  /// The frames of the last read, `[blockLength]`; the first so many are valid.
  public var samples: [Float] { mixer.samples }
  /// Most frames that one read brings.
  public let blockLength: Int

  public var sampleRate: Int { source.format.sampleRate }
  /// What is the matter with the audio of the last seconds.
  public var conditions: InputConditions { mixer.conditions }
  /// What was the matter with some of it so far.
  public private(set) var pastConditions: InputConditions = []

  private var interleaved: [Float]
  private var mixer: ChannelMixer

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
    interleaved = Array(repeating: 0, count: blockLength * source.format.channelCount)
    mixer = ChannelMixer(source.format, selection, blockLength: blockLength)
  }

  /// Reads at most ``blockLength`` frames into ``samples``.
  public func read() throws(Failure) -> AudioReadResult {
    let result = try source.read(into: &interleaved)
    if case .frames(let count) = result {
      mixer.mix(interleaved, frames: count)
      pastConditions.formUnion(mixer.conditions)
    }
    return result
  }

  /// Keeps what a read touches from being moved out to disk. Returns whether the system granted it.
  func lockInMemory() -> Bool {
    // They have their size for ever, and so their place.
    interleaved.withUnsafeBytes { Platform.lockInMemory($0.baseAddress!, byteCount: $0.count) }  // at least a frame
      && mixer.samples.withUnsafeBytes { Platform.lockInMemory($0.baseAddress!, byteCount: $0.count) }  // the same
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
}
