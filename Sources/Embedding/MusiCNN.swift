public import NeuralNetwork

/// MusiCNN (Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", 2019): the
/// linear output of its 200-unit layer over a patch of 3 s.
///
/// An emotion model may bring retrained layers, a set for each of its members. The embedding is then what the sets give,
/// one behind the other, `[sets × 200]`; with a second embedding of the newest frames, ``RetrainedLayers/recentFrames``,
/// that comes behind the first of each set. Its identifier stays: to which network a model belongs does not change by that.
public struct MusiCNN: AudioEmbedder {
  public static let identifier = "musicnn-msd-200"
  /// Frames in a patch, 62.5 per second.
  public static let patchFrames = MusiCNNFrontEnd.frameCount

  public var identifier: String { Self.identifier }
  public var sampleRate: Int { MusiCNNFrontEnd.sampleRate }
  public var windowLength: Int { MusiCNNFrontEnd.windowLength }
  public var windowStep: Int { MusiCNNFrontEnd.frameStep }
  public var dimension: Int { network.embedding.count }

  private let network: StreamingMusiCNN
  private var patch = MusiCNNPatch()

  /// - Parameter retrained: layers in the place of the network's own, as ``RetrainedLayers/read(from:)`` gives them,
  ///   nil for its own; with none the network is as published.
  public init(weights: SafetensorsFile, retrained: [RetrainedLayers?] = []) throws(SafetensorsError) {
    network = StreamingMusiCNN(try MusiCNNNetwork(weights: weights), retrained: retrained)
  }

  public mutating func restart() {
    patch.restart()
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    patch.move(to: window, startingAt: start, network)
    for index in embedding.indices { embedding[index] = network.embedding[index] }
  }
}
