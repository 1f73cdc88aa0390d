package import FastKernels
package import NeuralNetwork

/// OpenL3's convolutions by Winograd's minimal filtering: the same function as ``OpenL3Network`` in a fraction of the
/// time. Batch normalisation is folded into the convolution before it.
package struct FastOpenL3Network {
  private let inputNormalization: BatchNormalization
  private let stack: ConvolutionStack
  private let finalBlock: (height: Int, width: Int)
  private var normalized: Tensor
  private var map: Tensor
  /// `[1 × 1 × 512]` or `[4 × 3 × 512]`.
  package private(set) var embedding: Tensor

  package init(
    _ network: OpenL3Network, variant: OpenL3Variant, threads: Int = 1, kernels: Kernels = .standard
  ) {
    inputNormalization = network.inputNormalization
    let activations = OpenL3Network.finalShapes(variant: variant)
    finalBlock = activations.block
    var layers: [Convolution] = []
    for (index, convolution) in network.convolutions.enumerated() {
      layers.append(
        index < network.normalizations.count
          ? convolution.followed(by: network.normalizations[index]) : convolution)
    }
    let height = variant.input.bandCount
    let rest = layers.indices.dropFirst().map { index in
      // The last two images are small and their weights many: the smaller tile.
      WinogradConvolution(
        layers[index], outputTile: index >= 6 ? 4 : 6, rectifies: index < network.normalizations.count,
        pools: OpenL3Network.pooledLayers.contains(index), kernels: kernels)
    }
    stack = ConvolutionStack(
      height: height, width: OpenL3FrontEnd.frameCount,
      first: OneChannelConvolution(layers[0], rectifies: true, kernels: kernels), rest: rest, threads: threads)
    normalized = Tensor(zeros: [height, OpenL3FrontEnd.frameCount, 1])
    map = Tensor(zeros: stack.outputShape)
    embedding = Tensor(zeros: activations.embedding)
  }

  /// From `mel` `[bands × 199 frames × 1]` in dB to ``embedding``.
  package mutating func evaluate(_ mel: Tensor) {
    normalized.copyValues(of: mel)
    inputNormalization.apply(to: &normalized)
    stack.apply(to: normalized, into: &map)
    map.maximumOverBlocks(height: finalBlock.height, width: finalBlock.width, into: &embedding)
  }
}
