package import FastKernels
package import NeuralNetwork

/// MusiCNN over a patch that moves along: what the patches have in common is computed once.
///
/// Up to its pooling the network is local in time, so a row (frame) of a layer is the same in every patch that holds all
/// the frames it looks at. Such *inner* rows are kept and move with the patch. Rows near the patch's borders look beyond
/// them, where the network sees zeros, and are computed anew each time. The result is that of ``MusiCNNNetwork``, except
/// for rounding.
package final class StreamingMusiCNN {
  /// `[200]`, or `[sets × 200]` with retrained layers; twice that where each set gives a second embedding.
  package private(set) var embedding: [Float]
  /// `[187 × 1 × 561]` of the present patch: timbral A and B, temporal 1, 2 and 3 side by side.
  package var frontEnd: Tensor { frontEndStream.output.tensor }

  private var frontEndStream: StreamingMusiCNNFrontEnd
  private var backEnds: [MusiCNNBackEnd]

  private init(_ network: MusiCNNNetwork, backEnds layers: [MusiCNNBackEndLayers], kernels: Kernels) {
    let frontEnd = StreamingMusiCNNFrontEnd(network, kernels: kernels)
    frontEndStream = frontEnd
    backEnds = layers.map { MusiCNNBackEnd($0, parts: frontEnd.parts, kernels: kernels) }
    embedding = Array(repeating: 0, count: layers.reduce(0) { $0 + $1.embeddingCount })
  }

  /// - Parameters:
  ///   - retrained: layers in the place of the network's own, nil for its own. The front end is computed once for all
  ///     sets.
  ///   - recentFrames: how many of the newest frames the network's own layers pool a second time; nil for none.
  package convenience init(
    _ network: MusiCNNNetwork, retrained: [RetrainedLayers?] = [], recentFrames: Int? = nil,
    kernels: Kernels = .standard
  ) {
    var own = network.retrainableLayers
    own.recentFrames = recentFrames
    let sets = retrained.isEmpty ? [own] : retrained.map { $0 ?? own }
    self.init(network, backEnds: sets.map(MusiCNNBackEndLayers.init), kernels: kernels)
  }

  /// The front end alone: there is no embedding.
  package convenience init(frontEndOf network: MusiCNNNetwork, kernels: Kernels = .standard) {
    self.init(network, backEnds: [], kernels: kernels)
  }

  /// Moves the patch on by `count` frames, 1 to 187.
  ///
  /// - Parameter mel: the new frames, `[count × 96]`, oldest first. With 187 of them nothing of the patch before is left.
  package func advance(by count: Int, mel: Span<Float>) {
    frontEndStream.advance(by: count, mel: mel)
    var target = 0
    for index in backEnds.indices {
      backEnds[index].evaluate(frontEndStream.output, from: frontEndStream.firstFrame, newFrames: count)
      for value in backEnds[index].embedding {
        embedding[target] = value
        target += 1
      }
    }
  }
}
