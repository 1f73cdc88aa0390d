public import Affect
internal import AudioInput
internal import Embedding
internal import EmotionModel
internal import NeuralNetwork
internal import ShippedModels
internal import Tracking

/// A model that is to be judged: one that can follow music through the tracker that the daemon runs, one that needs the
/// whole piece by itself.
public struct ModelScorer {
  public let modelName: String
  /// Whether the model tells quadrants apart, so that its confidence is about these.
  public let tellsQuadrants: Bool
  private let network: Network
  private let settings: PipelineSettings

  private enum Network {
    case live(Pipeline)
    case offline(any EmbeddingInput, any SequenceRegressor, Hop)
  }

  /// What a model says at a tick.
  public struct Value: Sendable {
    /// Seconds.
    public let audioTime: Double
    public let published: Affect
    /// Before the smoothing.
    public let raw: Affect
    public let confidence: Float?
  }

  public init(_ settings: PipelineSettings) throws {
    self.settings = settings
    let file = try SafetensorsFile(path: settings.model ?? ShippedModel.emotion.locate())
    tellsQuadrants = EmotionModelFile.tellsQuadrants(file)
    guard let kind = file.metadata["model"].flatMap(EmotionModelKind.init(rawValue:)), !kind.isLive else {
      let pipeline = try settings.makePipeline()
      modelName = pipeline.modelName
      network = .live(pipeline)
      return
    }
    let embedder = try settings.makeEmbedder(additions: MusiCNNAdditions(from: file))
    let regressor = try EmotionModelFile.loadForSequences(
      file, embedding: embedder.identifier, dimension: embedder.dimension)
    modelName = regressor.card.name
    network = .offline(
      embedder, regressor, regressor.card.step.flatMap { Hop(seconds: $0) } ?? .standard)
  }

  /// The values of a sound file, and the seconds of audio in it.
  ///
  /// - Parameter change: what happens to the samples before they are heard, at the highest rate at which the embedding hears
  ///   them, in Hz; nil for nothing.
  /// - Throws: `Failure` if the file cannot be read.
  public func values(
    of path: String, change: ((_ samples: [Float], _ rate: Int) -> [Float])? = nil
  ) throws -> (values: [Value], duration: Double) {
    let reader = try MonoReader(SoundFileSource(path: path), channel: settings.channel)
    let embedder: any EmbeddingInput =
      switch network {
      case .live(let pipeline): pipeline.embedder
      case .offline(let embedder, _, _): embedder
      }
    let rate = change == nil ? reader.sampleRate : embedder.highestSampleRate
    func readAll(_ body: (Span<Float>) -> Void) throws {
      guard let change else { return try reader.readAll(body) }
      let samples = change(try reader.readAll(atRate: rate), rate)
      body(samples.span)
    }
    var sampleCount = 0
    var values: [Value] = []
    switch network {
    case .live(let pipeline):
      let tracker = pipeline.makeTracker(inputRate: rate)
      let collect = { (estimate: AffectEstimate) in
        guard let content = estimate.values, let raw = content.raw else { return }
        values.append(
          Value(
            audioTime: estimate.audioTime, published: content.smoothed, raw: raw, confidence: content.confidence))
      }
      try readAll { samples in
        sampleCount += samples.count
        tracker.push(samples, onEstimate: collect)
      }
      tracker.finish(onEstimate: collect)
    case .offline(let embedder, let regressor, let hop):
      let stream = EmbeddingStream(embedder: embedder, hop: hop, inputRate: rate)
      stream.use(settings.calibration)
      var times: [Double] = []
      var sequence: [[Float]] = []
      let collect = { (tick: EmbeddingStream.Tick) in
        guard case .embedding = tick.content else { return }
        times.append(hop.time(ofTick: tick.number))
        sequence.append(stream.embedding)
      }
      try readAll { samples in
        sampleCount += samples.count
        stream.push(samples, onTick: collect)
      }
      stream.finish(onTick: collect)
      guard !sequence.isEmpty else { break }
      values = zip(times, regressor.estimate(sequence: sequence)).map { time, prediction in
        Value(
          audioTime: time, published: prediction.affect, raw: prediction.affect, confidence: prediction.confidence)
      }
    }
    return (values, Double(sampleCount) / Double(rate))
  }
}
