public import NeuralNetwork
public import Platform
public import SignalProcessing

/// MusiCNN (Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", 2019): the
/// linear output of its 200-unit layer over a patch of 3 s.
///
/// An emotion model may bring retrained layers, a set for each of its members. The embedding is then what the sets give,
/// one behind the other, `[sets × 200]`; with a second embedding of the newest frames, ``RetrainedLayers/recentFrames``,
/// that comes behind the first of each set. A model may also want to know mode and clarity of the key, which come last
/// (``Tonality``): the network's layers pool them away. The identifier stays: to which network a model belongs does not
/// change by that.
public struct MusiCNN: AudioEmbedder {
  public static let identifier = "musicnn-msd-200"
  /// Frames in a patch, 62.5 per second.
  public static let patchFrames = MusiCNNFrontEnd.frameCount

  public var identifier: String { Self.identifier }
  public var sampleRate: Int { MusiCNNFrontEnd.sampleRate }
  public var windowLength: Int { MusiCNNFrontEnd.windowLength }
  public var windowStep: Int { MusiCNNFrontEnd.frameStep }
  public var dimension: Int { network.embedding.count + (tonality == nil ? 0 : Tonality.valueCount) }

  public var valueNames: [String] {
    let names = (1...network.embedding.count).map { "musicnn_\($0)" }
    return tonality == nil ? names : names + ["tonality_mode", "tonality_clarity"]
  }

  private let network: StreamingMusiCNN
  private var patch = MusiCNNPatch()
  private var tonality: Tonality?

  /// - Parameter additions: what an emotion model brings or wants; with none the network is as published.
  public init(
    weights: SafetensorsFile, additions: MusiCNNAdditions = MusiCNNAdditions()
  ) throws(Failure) {
    network = StreamingMusiCNN(
      try MusiCNNNetwork(weights: weights), retrained: additions.retrained, recentFrames: additions.recentFrames)
    if additions.hearsTonality { tonality = Tonality(sampleRate: Double(MusiCNNFrontEnd.sampleRate)) }
  }

  public mutating func restart() {
    patch.restart()
    tonality?.restart()
  }

  public mutating func use(_ filter: VenueFilter?) {
    patch.use(filter)
    tonality?.use(filter)
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    patch.move(to: window, startingAt: start, network)
    for (index, value) in network.embedding.enumerated() { embedding[index] = value }
    if let (mode, clarity) = tonality?.describe(window, startingAt: start) {
      embedding[embedding.count - 2] = mode
      embedding[embedding.count - 1] = clarity
    }
  }
}
