package import NeuralNetwork
package import Platform
package import SignalProcessing

/// MusiCNN's front end in the role of an embedder: what layers that are to be retrained read, `[187 × 561]` one row
/// (frame) after the other.
package struct MusiCNNFeatures: AudioEmbedder {
  package let identifier = "musicnn-msd-front-end"
  package var sampleRate: Int { MusiCNNFrontEnd.sampleRate }
  package var windowLength: Int { MusiCNNFrontEnd.windowLength }
  package var windowStep: Int { MusiCNNFrontEnd.frameStep }
  package var dimension: Int { MusiCNNFrontEnd.frameCount * MusiCNNNetwork.frontEndChannels }

  private let network: StreamingMusiCNN
  private var patch = MusiCNNPatch()

  package init(weights: SafetensorsFile) throws(Failure) {
    network = StreamingMusiCNN(frontEndOf: try MusiCNNNetwork(weights: weights))
  }

  package mutating func restart() {
    patch.restart()
  }

  package mutating func use(_ filter: VenueFilter?) {
    patch.use(filter)
  }

  package mutating func embed(_ window: Span<Float>, startingAt start: Int, into features: inout [Float]) {
    patch.move(to: window, startingAt: start, network)
    let values = network.frontEnd.values
    for index in features.indices { features[index] = values[index] }
  }
}
