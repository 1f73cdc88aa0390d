package import Embedding
internal import NeuralNetwork

/// MusiCNN's layers after the front end, ready to be trained: three convolutions over time, pooling, the dense layer. The
/// batch normalisations keep their statistics; what they make of them, a factor and an addend for each channel, is
/// trained.
package struct TrainableBackEnd {
  private struct Block {
    /// `[7 × in × 64]`
    let kernel: Variable<Float>
    /// `[64]` each.
    let bias: Variable<Float>
    let scale: Variable<Float>
    let offset: Variable<Float>
  }

  private let mid: [Block]
  private let pooledScale: Variable<Float>
  private let pooledOffset: Variable<Float>
  private let denseWeight: Variable<Float>
  private let denseBias: Variable<Float>
  private let pooledFrames: Int

  static let frames = 187
  static let channels = 561

  package init(_ layers: RetrainedLayers) {
    func trainable(_ values: [Float]) -> Variable<Float> {
      Variable(DenseTensor(shape: [values.count], values: values), needsGradient: true)
    }
    mid = layers.mid.map {
      Block(
        kernel: Variable(DenseTensor($0.kernel), needsGradient: true), bias: trainable($0.bias),
        scale: trainable($0.scale), offset: trainable($0.offset))
    }
    pooledScale = trainable(layers.pooledScale)
    pooledOffset = trainable(layers.pooledOffset)
    denseWeight = Variable(DenseTensor(layers.denseWeight), needsGradient: true)
    denseBias = trainable(layers.denseBias)
    pooledFrames = layers.pooledFrames
  }

  /// From the front end's output `[patches × 187 × 561]` to embeddings `[patches × 200]`.
  package func embeddings(of frontEnd: Variable<Float>) -> Variable<Float> {
    var layers = [frontEnd]
    for (index, block) in mid.enumerated() {
      let before = layers[index]
      let convolved = before.convolved(kernel: block.kernel, bias: block.bias).relu() * block.scale + block.offset
      layers.append(index == 0 ? convolved : convolved + before)
    }
    // Maximum and mean of a channel side by side.
    let pooled = layers.map { layer in
      let recent = layer.slice(axis: 1, layer.shape[1] - pooledFrames..<layer.shape[1])
      let columns = [recent.maximum(axis: 1), recent.mean(axis: 1)]
        .map { $0.reshaped([layer.shape[0], layer.shape[2], 1]) }
      return Variable.concatenated(columns, axis: 2).reshaped([layer.shape[0], 2 * layer.shape[2]])
    }
    return (Variable.concatenated(pooled, axis: 1) * pooledScale + pooledOffset)
      .linear(weight: denseWeight, bias: denseBias)
  }

  var parameters: [Parameter<Float>] {
    var parameters = mid.enumerated().flatMap { index, block in
      [
        Parameter("mid.\(index).kernel", block.kernel), Parameter("mid.\(index).bias", block.bias),
        Parameter("mid.\(index).normalisation.scale", block.scale),
        Parameter("mid.\(index).normalisation.offset", block.offset),
      ]
    }
    parameters += [
      Parameter("pooled.scale", pooledScale), Parameter("pooled.offset", pooledOffset),
      Parameter("dense.weight", denseWeight), Parameter("dense.bias", denseBias),
    ]
    return parameters
  }
}
