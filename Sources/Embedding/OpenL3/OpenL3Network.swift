package import NeuralNetwork
package import Platform

/// OpenL3's convolutions, in the readable reference version: 3×3, stride 1, one zero pixel around; all but the last
/// followed by batch normalisation and ReLU; every second one of the first six by 2×2 pooling.
package struct OpenL3Network: Sendable {
  /// Channels of conv 1 to 7 and of `audio_embedding_layer`.
  private static let channels = [64, 64, 128, 128, 256, 256, 512, 512]
  static let pooledLayers: Set = [1, 3, 5]
  private static let batchNormalizationEpsilon: Float = 1e-3

  let inputNormalization: BatchNormalization
  let convolutions: [Convolution]
  /// Of conv 1 to 7.
  let normalizations: [BatchNormalization]

  /// Every stage of one evaluation. `mel` is the input; the rest is overwritten.
  package struct Activations: Sendable {
    /// `[bands × 199 frames × 1]` in dB.
    package var mel: Tensor
    var normalized: Tensor
    /// Each layer before pooling.
    var maps: [Tensor] = []
    /// Each layer after pooling, where there is any: `[mel × time × channels]`.
    package var stages: [Tensor] = []
    /// `[1 × 1 × 512]` or `[4 × 3 × 512]`.
    package var embedding: Tensor
    var workspace: [Float] = []
    /// Height and width of the blocks of the last pooling.
    let finalBlock: (height: Int, width: Int)

    package init(variant: OpenL3Variant) {
      var (height, width) = (variant.input.bandCount, OpenL3FrontEnd.frameCount)
      mel = Tensor(zeros: [height, width, 1])
      normalized = mel
      for (layer, channels) in OpenL3Network.channels.enumerated() {
        maps.append(Tensor(zeros: [height, width, channels]))
        if OpenL3Network.pooledLayers.contains(layer) { (height, width) = (height / 2, width / 2) }
        stages.append(Tensor(zeros: [height, width, channels]))
      }
      let final = OpenL3Network.finalShapes(variant: variant)
      finalBlock = final.block
      embedding = Tensor(zeros: final.embedding)
    }
  }

  /// Blocks of the last pooling, and the shape of what it leaves.
  static func finalShapes(variant: OpenL3Variant) -> (block: (height: Int, width: Int), embedding: [Int]) {
    // Three poolings by two.
    let (height, width) = (variant.input.bandCount / 8, OpenL3FrontEnd.frameCount / 8)
    return switch variant.size {
    case .values512: ((height, width), [1, 1, 512])
    case .values6144: ((height / 4, width / 3), [4, 3, 512])
    }
  }

  /// - Throws: ``Failure`` that names the tensor if one is missing or has another shape.
  package init(weights: SafetensorsFile) throws(Failure) {
    func normalization(_ prefix: String, _ channels: Int) throws(Failure) -> BatchNormalization {
      BatchNormalization(
        gamma: try weights.tensor("\(prefix).gamma", shape: [channels]).values,
        beta: try weights.tensor("\(prefix).beta", shape: [channels]).values,
        mean: try weights.tensor("\(prefix).moving_mean", shape: [channels]).values,
        variance: try weights.tensor("\(prefix).moving_variance", shape: [channels]).values,
        epsilon: Self.batchNormalizationEpsilon)
    }
    inputNormalization = try normalization("bn_input", 1)
    var convolutions: [Convolution] = []
    var normalizations: [BatchNormalization] = []
    var inputs = 1
    for (layer, outputs) in Self.channels.enumerated() {
      let isLast = layer == Self.channels.count - 1
      let prefix = isLast ? "audio_embedding_layer" : "conv\(layer + 1)"
      convolutions.append(
        Convolution(
          kernel: try weights.tensor("\(prefix).weight", shape: [outputs, inputs, 3, 3]).kernelFromOutputFirst(),
          bias: try weights.tensor("\(prefix).bias", shape: [outputs]).values,
          padding: .one))
      if !isLast { normalizations.append(try normalization("bn\(layer + 1)", outputs)) }
      inputs = outputs
    }
    self.convolutions = convolutions
    self.normalizations = normalizations
  }

  /// From `activations.mel` to `activations.embedding`.
  package func evaluate(_ activations: inout Activations) {
    activations.normalized.copyValues(of: activations.mel)
    inputNormalization.apply(to: &activations.normalized)
    for (layer, convolution) in convolutions.enumerated() {
      let input = layer == 0 ? activations.normalized : activations.stages[layer - 1]
      convolution.apply(to: input, into: &activations.maps[layer], workspace: &activations.workspace)
      if layer < normalizations.count {
        normalizations[layer].apply(to: &activations.maps[layer])
        activations.maps[layer].rectify()
      }
      if Self.pooledLayers.contains(layer) {
        activations.maps[layer].maximumOverBlocks(height: 2, width: 2, into: &activations.stages[layer])
      } else {
        activations.stages[layer].copyValues(of: activations.maps[layer])
      }
    }
    let last = convolutions.count - 1
    activations.stages[last].maximumOverBlocks(
      height: activations.finalBlock.height, width: activations.finalBlock.width, into: &activations.embedding)
  }
}
