public import NeuralNetwork

/// MusiCNN (Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", 2019): the
/// linear output of its 200-unit layer over a patch of 3 s.
public struct MusiCNN: AudioEmbedder {
  public let identifier = "musicnn-msd-200"
  public var sampleRate: Int { MusiCNNFrontEnd.sampleRate }
  public var windowLength: Int { MusiCNNFrontEnd.windowLength }
  public var windowStep: Int { MusiCNNFrontEnd.frameStep }
  public var dimension: Int { MusiCNNNetwork.embeddingSize }

  private var frontEnd = MusiCNNFrontEnd()
  private let network: MusiCNNNetwork
  private var activations: MusiCNNNetwork.Activations

  public init(weights: SafetensorsFile) throws(SafetensorsError) {
    network = try MusiCNNNetwork(weights: weights)
    activations = MusiCNNNetwork.Activations()
  }

  public mutating func embed(_ window: Span<Float>, into embedding: inout [Float]) {
    frontEnd.computePatch(of: window, into: &activations.mel)
    network.evaluate(&activations)
    for index in embedding.indices { embedding[index] = activations.embedding[index] }
  }
}
