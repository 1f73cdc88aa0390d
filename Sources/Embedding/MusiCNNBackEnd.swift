internal import FastKernels
internal import NeuralNetwork

/// MusiCNN's layers after the front end, on the fast kernels: three convolutions over time, pooling, the dense layer.
struct MusiCNNBackEnd {
  /// `[200]`, or `[2 × 200]` with a second embedding of the newest frames.
  private(set) var embedding: [Float]

  private let kernels: Kernels
  private let layers: MusiCNNBackEndLayers
  /// The part of the first layer that reads the timbral channels. It is the same for a frame in every patch, away from
  /// the patch's borders, and is kept.
  private let timbral: TimeConvolution
  private let timbralSums: AlignedBuffer
  /// The part that reads the temporal channels, which change with the patch's borders.
  private let temporal: TimeConvolution
  /// The layers after that.
  private let rest: [TimeConvolution]
  private let product: AlignedBuffer
  private var outputs: [Tensor]
  private var pooled: [Float]
  private var values: [Float]

  private static let frames = MusiCNNFrontEnd.frameCount
  /// Rows at each border of the patch whose timbral sums depend on it: three of the front end's, and three more for the
  /// taps of this layer.
  private static let outerRows = 6

  /// - Parameter timbralChannels: how many of the front end's channels are timbral ones, which come first.
  init(_ layers: MusiCNNBackEndLayers, timbralChannels: Int, kernels: Kernels) {
    self.layers = layers
    self.kernels = kernels
    let channels = layers.mid[0].convolution.kernel.shape[2]
    timbral = TimeConvolution(layers.mid[0].convolution, inputs: 0..<timbralChannels, kernels: kernels)
    temporal = TimeConvolution(layers.mid[0].convolution, inputs: timbralChannels..<channels, kernels: kernels)
    rest = layers.mid.dropFirst().map {
      TimeConvolution($0.convolution, inputs: 0..<$0.convolution.kernel.shape[2], kernels: kernels)
    }
    product = AlignedBuffer(count: Self.frames * timbral.outputStride)
    timbralSums = AlignedBuffer(count: Self.frames * timbral.outputStride)
    outputs = layers.mid.map { Tensor(zeros: [Self.frames, 1, $0.convolution.bias.count]) }
    pooled = Array(repeating: 0, count: layers.pooledNormalization.scale.count)
    values = Array(repeating: 0, count: layers.dense.outputCount)
    embedding = Array(repeating: 0, count: layers.embeddingCount)
  }

  /// From `frontEnd` `[187 × 1 × 561]` to ``embedding``.
  ///
  /// - Parameter count: frames that the patch moved on by since the last call.
  mutating func evaluate(_ frontEnd: Tensor, newFrames count: Int) {
    timbral.read(frontEnd)
    timbralSums.shift(by: count * timbral.outputStride)
    timbral.apply(to: 0..<Self.outerRows, into: timbralSums)
    let firstNew = max(Self.outerRows, Self.frames - Self.outerRows - count)
    timbral.apply(to: firstNew..<Self.frames, into: timbralSums)
    product.copy(timbralSums)
    temporal.read(frontEnd)
    temporal.apply(to: 0..<Self.frames, into: product, accumulating: true)
    finish(0)
    for (index, convolution) in rest.enumerated() {
      convolution.read(outputs[index])
      convolution.apply(to: 0..<Self.frames, into: product)
      finish(index + 1)
      outputs[index + 1].add(outputs[index])
    }
    embed(frontEnd, rows: layers.pooledRows, at: 0)
    if let recent = layers.recentRows { embed(frontEnd, rows: recent, at: values.count) }
  }

  /// Pools `rows` of all layers into an embedding, which begins at `start`.
  private mutating func embed(_ frontEnd: Tensor, rows: Range<Int>, at start: Int) {
    var target = 0
    pool(frontEnd, rows, &target)
    for output in outputs { pool(output, rows, &target) }
    layers.embed(pooled: &pooled, into: &values)
    for index in values.indices { embedding[start + index] = values[index] }
  }

  /// Bias, ReLU and batch normalisation of a layer whose convolution lies in `product`.
  private mutating func finish(_ index: Int) {
    kernels.rectifyAndNormalize(
      product, stride: timbral.outputStride, rows: Self.frames, bias: layers.mid[index].convolution.bias,
      normalization: layers.mid[index].normalization, into: &outputs[index])
  }

  /// Maximum and mean of each channel over `rows`, interleaved, from `target` on.
  private mutating func pool(_ layer: Tensor, _ rows: Range<Int>, _ target: inout Int) {
    let channels = layer.shape[2]
    let first = target
    layer.values.withUnsafeBufferPointer { values in
      pooled.withUnsafeMutableBufferPointer { pooled in
        for channel in 0..<channels {
          pooled[first + 2 * channel] = -.infinity
          pooled[first + 2 * channel + 1] = 0
        }
        for row in rows {
          for channel in 0..<channels {
            let value = values[row * channels + channel]
            pooled[first + 2 * channel] = max(pooled[first + 2 * channel], value)
            pooled[first + 2 * channel + 1] += value
          }
        }
        for channel in 0..<channels { pooled[first + 2 * channel + 1] /= Float(rows.count) }
      }
    }
    target += 2 * channels
  }
}
