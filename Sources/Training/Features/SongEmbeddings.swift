public import Affect
internal import AudioInput
public import Embedding
internal import NeuralNetwork
internal import Platform
internal import Tracking
public import Venue

/// What a network hears in a song: an embedding at each tick that has a whole window of audio behind it.
public struct SongEmbeddings: Sendable, Equatable {
  /// Audio time of the ticks, seconds, ascending.
  public let times: [Double]
  /// `[ticks × dimension]`
  public let values: [Float]
  /// Length of an embedding.
  public let dimension: Int
  /// Length of the audio, seconds.
  public let duration: Double

  public init(times: [Double], values: [Float], dimension: Int, duration: Double) {
    precondition(values.count == times.count * dimension)
    self.times = times
    self.values = values
    self.dimension = dimension
    self.duration = duration
  }

  /// Reads a sound file through the same stream as the daemon.
  ///
  /// - Parameters:
  ///   - ticks: which of the ticks that have an embedding are taken, counted from the first of them; nil for all. The
  ///     memory that the others would take is spared.
  ///   - copy: where the song is played before it is heard; nil for the file itself.
  ///   - warn: called with what is odd about the file.
  /// - Throws: `Failure` if the file is missing or holds no audio.
  public init(
    of path: String, embedder: any EmbeddingInput, hop: Hop, ticks: Set<Int>? = nil, copy: VenueCopy? = nil,
    warn: (String) -> Void = { _ in }
  ) throws {
    let file = try SoundFileSource(path: path)
    let reader = try MonoReader(file, channel: .average)
    // What a copy has above that is heard by nothing.
    let rate = copy == nil ? reader.sampleRate : embedder.highestSampleRate
    let stream = EmbeddingStream(embedder: embedder, hop: hop, inputRate: rate)
    var times: [Double] = []
    var values: [Float] = []
    var number = 0
    let collect = { (tick: EmbeddingStream.Tick) in
      guard case .embedding = tick.content else { return }
      defer { number += 1 }
      guard ticks?.contains(number) ?? true else { return }
      times.append(hop.time(ofTick: tick.number))
      values += stream.embedding
    }
    var sampleCount = 0
    if let copy {
      let recording = try copy.venue.record(reader.readAll(atRate: rate), rate: rate, seed: copy.seed)
      sampleCount = recording.count * reader.sampleRate / rate
      stream.push(recording.span, onTick: collect)
    } else {
      try reader.readAll { samples in
        sampleCount += samples.count
        stream.push(samples, onTick: collect)
      }
    }
    stream.finish(onTick: collect)
    file.warnings.forEach(warn)
    self.init(
      times: times, values: values, dimension: embedder.dimension,
      duration: Double(sampleCount) / Double(reader.sampleRate))
  }
}

/// A copy of a song, as it sounds in some venue.
public struct VenueCopy: Sendable, Equatable {
  public let venue: Venue
  /// Of what is random in it.
  public let seed: UInt64
  /// What tells it from other copies of the same song, and from what earlier versions made of it.
  let name: String

  /// To be raised when the same number gives another sound.
  private static let version = 1

  /// The copy `number` of a song, 0...; each song has others.
  public init(number: Int, of identifier: String) {
    var generator = SeededGenerator(seed: ContentHash(of: "\(identifier)/\(number)").value)
    venue = .random(using: &generator)
    seed = generator.next()
    name = "venue-\(Self.version)-\(number)"
  }
}
