internal import NeuralNetwork

/// MusiCNN's layers after the front end, as they are evaluated: those it was published with, or retrained ones.
struct MusiCNNBackEndLayers: Sendable {
  /// Three convolutions over time, a column wide.
  let mid: [MusiCNNNetwork.Block]
  let pooledNormalization: BatchNormalization
  let dense: Dense
  /// Frames at the end of the patch that are pooled.
  let pooledRows: Range<Int>
  /// Those of them that are pooled a second time, for a second embedding; nil for none.
  let recentRows: Range<Int>?

  init(
    mid: [MusiCNNNetwork.Block], pooledNormalization: BatchNormalization, dense: Dense,
    pooledFrames: Int = MusiCNNFrontEnd.frameCount, recentFrames: Int? = nil
  ) {
    precondition((1...MusiCNNFrontEnd.frameCount).contains(pooledFrames))
    precondition((1...MusiCNNFrontEnd.frameCount).contains(recentFrames ?? 1))
    self.mid = mid
    self.pooledNormalization = pooledNormalization
    self.dense = dense
    pooledRows = MusiCNNFrontEnd.frameCount - pooledFrames..<MusiCNNFrontEnd.frameCount
    recentRows = recentFrames.map { MusiCNNFrontEnd.frameCount - $0..<MusiCNNFrontEnd.frameCount }
  }

  init(_ layers: RetrainedLayers) {
    self.init(
      mid: layers.mid.map { layer in
        let shape = layer.kernel.shape
        return MusiCNNNetwork.Block(
          convolution: Convolution(
            kernel: Tensor(shape: [shape[0], 1, shape[1], shape[2]], values: layer.kernel.values), bias: layer.bias,
            padding: .sameRows(height: shape[0])),
          normalization: BatchNormalization(scale: layer.scale, offset: layer.offset))
      },
      pooledNormalization: BatchNormalization(scale: layers.pooledScale, offset: layers.pooledOffset),
      dense: Dense(weight: layers.denseWeight, bias: layers.denseBias), pooledFrames: layers.pooledFrames,
      recentFrames: layers.recentFrames)
  }

  /// The layers in the form of a model file.
  var retrainable: RetrainedLayers {
    RetrainedLayers(
      mid: mid.map { block in
        let shape = block.convolution.kernel.shape
        return RetrainedLayers.Convolution(
          kernel: Tensor(shape: [shape[0], shape[2], shape[3]], values: block.convolution.kernel.values),
          bias: block.convolution.bias, scale: block.normalization.scale, offset: block.normalization.offset)
      },
      pooledScale: pooledNormalization.scale, pooledOffset: pooledNormalization.offset, denseWeight: dense.weight,
      denseBias: dense.bias, pooledFrames: pooledRows.count, recentFrames: recentRows?.count)
  }

  /// Values of all embeddings: 200, or 400 with a second one.
  var embeddingCount: Int { (recentRows == nil ? 1 : 2) * dense.outputCount }

  /// The last layers: from `pooled` `[753 × (max, mean)]`, which is normalised in place, to `embedding` `[200]`.
  func embed(pooled: inout [Float], into embedding: inout [Float]) {
    for index in pooled.indices {
      pooled[index] = pooled[index] * pooledNormalization.scale[index] + pooledNormalization.offset[index]
    }
    dense.apply(to: pooled, into: &embedding)
  }
}
