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

/// A convolution over time of some of a patch's channels, with zeros before and after the patch and without bias.
///
/// The windows of neighbouring rows overlap, so that the input, with its zeros, is its own unfolded matrix. It is worked
/// off a tap at a time: the weights of all taps do not stay in the cache.
struct TimeConvolution {
  /// From row to row of the result.
  var outputStride: Int { matrix.paddedColumns }

  private let taps: Int
  /// Channels of the patch that are read.
  private let inputs: Range<Int>
  private let matrix: PackedMatrix
  /// `[zeros + frames + zeros × inputs]`
  private let padded: AlignedBuffer

  private static let frames = MusiCNNFrontEnd.frameCount

  init(_ convolution: Convolution, inputs: Range<Int>, kernels: Kernels) {
    let shape = convolution.kernel.shape
    let (allInputs, outputs) = (shape[2], shape[3])
    let values = convolution.kernel.values
    taps = shape[0]
    self.inputs = inputs
    matrix = PackedMatrix(depth: taps * inputs.count, columns: outputs, kernels: kernels) { row, column in
      let (tap, input) = (row / inputs.count, inputs.lowerBound + row % inputs.count)
      return values[(tap * allInputs + input) * outputs + column]
    }
    padded = AlignedBuffer(count: (Self.frames + taps - 1) * inputs.count)
  }

  /// Takes the channels of `patch` `[frames × 1 × channels]`.
  func read(_ patch: Tensor) {
    let channels = patch.shape[2]
    for row in 0..<Self.frames {
      let start = row * channels + inputs.lowerBound
      padded.copy(patch.values[start..<start + inputs.count], to: (row + taps / 2) * inputs.count)
    }
  }

  /// Computes `rows` of the result into `sums` `[frames × outputStride]`, or adds them if `accumulating`.
  func apply(to rows: Range<Int>, into sums: AlignedBuffer, accumulating: Bool = false) {
    for tap in 0..<taps {
      matrix.multiply(
        padded, at: (rows.lowerBound + tap) * inputs.count, stride: inputs.count, rows: rows.count,
        depths: tap * inputs.count..<(tap + 1) * inputs.count, into: sums, at: rows.lowerBound * outputStride,
        accumulating: accumulating || tap > 0)
    }
  }
}
