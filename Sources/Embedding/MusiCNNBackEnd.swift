internal import FastKernels
internal import NeuralNetwork

/// MusiCNN's layers after the front end, on the fast kernels: three convolutions over time, pooling, the dense layer.
struct MusiCNNBackEnd {
  private struct Layer {
    let matrix: PackedMatrix
    let bias: [Float]
    let normalization: BatchNormalization
    let inputs: Int
    /// `[3 zeros + frames + 3 zeros × inputs]`
    let input: AlignedBuffer
  }

  private let kernels: Kernels
  private let layers: [Layer]
  private let product: AlignedBuffer
  private var outputs: [Tensor]
  private var pooled: [Float]
  private let network: MusiCNNNetwork

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let taps = 7

  init(_ network: MusiCNNNetwork, kernels: Kernels) {
    self.network = network
    self.kernels = kernels
    layers = network.mid.map { block in
      let shape = block.convolution.kernel.shape
      let (inputs, outputs) = (shape[2], shape[3])
      let values = block.convolution.kernel.values
      return Layer(
        matrix: PackedMatrix(depth: Self.taps * inputs, columns: outputs, kernels: kernels) { row, column in
          values[row * outputs + column]
        },
        bias: block.convolution.bias, normalization: block.normalization, inputs: inputs,
        input: AlignedBuffer(count: (Self.frames + Self.taps - 1) * inputs))
    }
    product = AlignedBuffer(count: Self.frames * (layers.map(\.matrix.paddedColumns).max() ?? 0))
    outputs = layers.map { Tensor(zeros: [Self.frames, 1, $0.bias.count]) }
    pooled = Array(repeating: 0, count: 2 * network.pooledChannelCount)
  }

  /// From `frontEnd` `[187 × 1 × 561]` to `embedding` `[200]`.
  mutating func evaluate(_ frontEnd: Tensor, into embedding: inout [Float]) {
    for index in layers.indices {
      apply(index, to: index == 0 ? frontEnd : outputs[index - 1])
      if index > 0 { outputs[index].add(outputs[index - 1]) }
    }
    var target = 0
    pool(frontEnd, &target)
    for output in outputs { pool(output, &target) }
    network.embed(pooled: &pooled, into: &embedding)
  }

  /// Convolution over time, ReLU, batch normalisation.
  private mutating func apply(_ index: Int, to input: Tensor) {
    let layer = layers[index]
    // A tap at a time: the weights of all seven do not stay in the cache.
    let offset = Self.taps / 2 * layer.inputs
    layer.input.copy(input.values, to: offset)
    for tap in 0..<Self.taps {
      layer.matrix.multiply(
        layer.input, at: tap * layer.inputs, stride: layer.inputs, rows: Self.frames,
        depths: tap * layer.inputs..<(tap + 1) * layer.inputs, into: product, accumulating: tap > 0)
    }
    kernels.rectifyAndNormalize(
      product, stride: layer.matrix.paddedColumns, rows: Self.frames, bias: layer.bias,
      normalization: layer.normalization, into: &outputs[index])
  }

  /// Maximum and mean over time of each channel, interleaved, from `target` on.
  private mutating func pool(_ layer: Tensor, _ target: inout Int) {
    let channels = layer.shape[2]
    let first = target
    layer.values.withUnsafeBufferPointer { values in
      pooled.withUnsafeMutableBufferPointer { pooled in
        for channel in 0..<channels {
          pooled[first + 2 * channel] = -.infinity
          pooled[first + 2 * channel + 1] = 0
        }
        for row in 0..<Self.frames {
          for channel in 0..<channels {
            let value = values[row * channels + channel]
            pooled[first + 2 * channel] = max(pooled[first + 2 * channel], value)
            pooled[first + 2 * channel + 1] += value
          }
        }
        for channel in 0..<channels { pooled[first + 2 * channel + 1] /= Float(Self.frames) }
      }
    }
    target += 2 * channels
  }
}
