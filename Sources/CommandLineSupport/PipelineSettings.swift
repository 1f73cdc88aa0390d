public import Affect
public import AudioInput
public import Embedding
internal import EmotionModel
internal import NeuralNetwork
internal import Platform
internal import ShippedModels
public import Tracking

/// Everything that decides which values come out of which audio; the same for the daemon and for files.
public struct PipelineSettings: Sendable, Equatable {
  public var channel = ChannelSelection.average
  public var hop = Hop.standard
  public var embedding = EmbeddingChoice.musiCNN
  /// Weights of OpenL3, or of MusiCNN where there is none; nil for those that come with affectd.
  public var weights: String?
  /// Threads that work on a window of OpenL3.
  public var threads = 1
  /// The emotion model; nil for the one that comes with affectd.
  public var model: String?
  public var smoothing = Smoothing.standard
  public var silence = SilenceSettings()
  /// What a venue was found to need; nil for nothing.
  public var calibration: Calibration?
  /// What of the venue is followed over many pieces.
  public var following = VenueFollowing.spectrum
  /// Half the width of the band around zero in which a value does not change its quadrant.
  public var deadBand: Float = 0.05

  /// More do not help.
  public static let threadCounts = 1...8
  public static let deadBands: ClosedRange<Float> = 0...0.5

  public init() {}

  /// What the tracker needs of them.
  public var tracker: TrackerSettings {
    TrackerSettings(hop: hop, smoothing: smoothing, silence: silence, deadBand: deadBand, following: following)
  }

  /// Loads the networks of the embedding.
  ///
  /// - Parameter additions: what an emotion model brings for MusiCNN, or wants of it. In a sum, MusiCNN is as published.
  public func makeEmbedder(additions: MusiCNNAdditions = MusiCNNAdditions()) throws -> any EmbeddingInput {
    MatrixProducts.useCallingThreadOnly()
    try checkWeightsAreWanted()
    guard threads == 1 || embedding.hasOpenL3 else {
      throw Failure(.usage, "only OpenL3 runs on several threads: leave out --threads")
    }
    let parts = try embedding.parts.map { part -> any AudioEmbedder in
      switch part {
      case .musiCNN:
        try MusiCNN(
          weights: SafetensorsFile(path: musiCNNWeightsPath()),
          additions: embedding == .musiCNN ? additions : MusiCNNAdditions())
      case .openL3(let variant):
        try OpenL3(weights: SafetensorsFile(path: openL3WeightsPath()), variant: variant, threads: threads)
      case .librosa(let selection): LibrosaFeatures(selection)
      case .logMel: LogMelPatch()
      case .egemaps(let window): EGeMAPS(window)
      case .compare: Compare260()
      case .midLevel(let selection): MidLevelFeatures(selection)
      }
    }
    return parts.count == 1 ? parts[0] : EmbeddingSum(parts)
  }

  /// Loads the networks and puts the pipeline together.
  public func makePipeline() throws -> Pipeline {
    let file = try SafetensorsFile(path: modelPath())
    let additions = try MusiCNNAdditions(from: file)
    let embedder = try makeEmbedder(additions: additions)
    let regressor = try EmotionModelFile.load(
      file, embedding: embedder.identifier, dimension: embedder.dimension, hop: hop)
    guard additions.isEmpty || embedding == .musiCNN else {
      throw Failure(
        .invalidData,
        "\(file.path): the model '\(regressor.card.name)' needs MusiCNN, whose layers it brings or whose tonality it hears, "
          + "but the embedding is '\(embedder.identifier)'")
    }
    return Pipeline(embedder: embedder, regressor: regressor, settings: self)
  }
}

extension PipelineSettings {
  /// Where the emotion model lies.
  public func modelPath() throws -> String { try model ?? ShippedModel.emotion.locate() }

  /// Where the weights of the embedding's networks lie, in the order of its parts. Descriptors have none.
  ///
  /// - Throws: ``Failure`` for OpenL3 without weights, which do not come with affectd, and for weights that nothing wants.
  public func weightsPaths() throws -> [String] {
    try checkWeightsAreWanted()
    return try embedding.parts.compactMap { part in
      switch part {
      case .musiCNN: try musiCNNWeightsPath()
      case .openL3: try openL3WeightsPath()
      default: nil
      }
    }
  }

  private func checkWeightsAreWanted() throws(Failure) {
    guard weights == nil || embedding.hasWeights else {
      throw Failure(.usage, "descriptors such as librosa have no weights: leave out --weights")
    }
  }

  /// Beside OpenL3, the weights that are named are OpenL3's.
  private func musiCNNWeightsPath() throws -> String {
    try (embedding.hasOpenL3 ? nil : weights) ?? ShippedModel.musiCNN.locate()
  }

  private func openL3WeightsPath() throws(Failure) -> String {
    guard let weights else {
      throw Failure(
        .usage,
        "OpenL3 needs --weights FILE: its weights do not come with affectd. tools/convert_openl3.py makes such a "
          + "file from the published ones")
    }
    return weights
  }
}
