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
  private let network: StreamingMusiCNN
  private var mel: [Float]
  /// First frame of the last patch, counted from the start of the stream.
  private var patchStart: Int?

  public init(weights: SafetensorsFile) throws(SafetensorsError) {
    network = StreamingMusiCNN(try MusiCNNNetwork(weights: weights))
    mel = Array(repeating: 0, count: MusiCNNFrontEnd.frameCount * MusiCNNFrontEnd.bandCount)
  }

  public mutating func restart() {
    patchStart = nil
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    let frameCount = MusiCNNFrontEnd.frameCount
    let frame = start / MusiCNNFrontEnd.frameStep
    let advance = patchStart.map { frame - $0 } ?? frameCount
    patchStart = frame
    if advance != 0 {
      let count = (1..<frameCount).contains(advance) ? advance : frameCount
      frontEnd.computeFrames(frameCount - count..<frameCount, of: window, into: &mel)
      network.advance(by: count, mel: mel.span.extracting(first: count * MusiCNNFrontEnd.bandCount))
    }
    for index in embedding.indices { embedding[index] = network.embedding[index] }
  }
}
