internal import FastKernels
internal import NeuralNetwork

/// MusiCNN's layers after the front end, on the fast kernels: three convolutions over time, pooling, the dense layer.
struct MusiCNNBackEnd {
  /// `[200]`, or `[2 × 200]` with a second embedding of the newest frames.
  private(set) var embedding: [Float]

  private let kernels: Kernels
  private let layers: MusiCNNBackEndLayers
  /// The first layer's sums over each part of the front end's channels.
  private let firstParts: [MovingConvolution]
  /// The sums of the layers after that.
  private let rest: [MovingConvolution]
  private let product: AlignedBuffer
  /// What the layers give.
  private let outputs: [PatchRows]
  private let pooling: MusiCNNPooling
  private let dense: PackedMatrix
  /// `[embeddings × 200 and the zeros behind them]`
  private let values: AlignedBuffer

  /// - Parameter parts: of the front end's channels.
  init(_ layers: MusiCNNBackEndLayers, parts: [StreamingMusiCNNFrontEnd.Part], kernels: Kernels) {
    self.layers = layers
    self.kernels = kernels
    let margin = PatchRows.margin
    firstParts = parts.map { part in
      MovingConvolution(
        layers.mid[0].convolution, inputs: part.channels,
        innerRows: part.innerRows.lowerBound + margin..<part.innerRows.upperBound - margin, kernels: kernels)
    }
    // Each layer looks three rows further.
    var inner = firstParts.map(\.innerRows).reduce(0..<PatchRows.frames) { $0.clamped(to: $1) }
    rest = layers.mid.dropFirst().map { layer in
      inner = inner.lowerBound + margin..<inner.upperBound - margin
      return MovingConvolution(
        layer.convolution, inputs: 0..<layer.convolution.kernel.shape[2], innerRows: inner, kernels: kernels)
    }
    product = AlignedBuffer(count: firstParts[0].sums.count)
    outputs = layers.mid.map { PatchRows(channels: $0.convolution.bias.count) }
    pooling = MusiCNNPooling(layers, kernels: kernels)
    let weight = layers.dense.weight.values
    let depth = layers.dense.inputCount
    dense = PackedMatrix(depth: depth, columns: layers.dense.outputCount, kernels: kernels) { row, column in
      weight[column * depth + row]
    }
    values = AlignedBuffer(count: pooling.count * dense.paddedColumns)
    embedding = Array(repeating: 0, count: layers.embeddingCount)
  }

  /// From `frontEnd` `[187 × 561]` to ``embedding``.
  ///
  /// - Parameter count: frames that the patch moved on by since the last call.
  mutating func evaluate(_ frontEnd: PatchRows, newFrames count: Int) {
    for part in firstParts { part.advance(frontEnd, newFrames: count) }
    product.copy(firstParts[0].sums)
    for part in firstParts.dropFirst() { product.add(part.sums) }
    finish(0, product)
    for (index, convolution) in rest.enumerated() {
      convolution.advance(outputs[index], newFrames: count)
      finish(index + 1, convolution.sums)
      outputs[index + 1].add(outputs[index])
    }
    pooling.pool(frontEnd, outputs)
    dense.multiply(
      pooling.values, at: 0, stride: dense.depth, rows: pooling.count, depths: 0..<dense.depth, into: values)
    let outputCount = layers.dense.outputCount
    for index in embedding.indices {
      let (row, column) = (index / outputCount, index % outputCount)
      embedding[index] = values[row * dense.paddedColumns + column] + layers.dense.bias[column]
    }
  }

  /// Bias, ReLU and batch normalisation of a layer whose convolution lies in `sums`.
  private func finish(_ index: Int, _ sums: AlignedBuffer) {
    kernels.rectifyAndNormalize(
      sums, stride: firstParts[0].convolution.outputStride, rows: PatchRows.frames,
      bias: layers.mid[index].convolution.bias, normalization: layers.mid[index].normalization,
      into: outputs[index].values, at: outputs[index].offset(ofRow: 0))
  }
}

/// Maximum and mean over time of each channel of the front end and the three mid layers, normalised: over the whole
/// patch, and over its newest frames where the model has an embedding of them.
struct MusiCNNPooling {
  /// `[embeddings × (channels × (maximum, mean))]`
  let values: AlignedBuffer
  /// Embeddings.
  let count: Int

  private let kernels: Kernels
  private let rows: [Range<Int>]
  private let normalization: BatchNormalization
  private let maxima: AlignedBuffer
  private let sums: AlignedBuffer

  init(_ layers: MusiCNNBackEndLayers, kernels: Kernels) {
    self.kernels = kernels
    normalization = layers.pooledNormalization
    rows = [layers.pooledRows] + (layers.recentRows.map { [$0] } ?? [])
    count = rows.count
    values = AlignedBuffer(count: count * normalization.scale.count)
    maxima = AlignedBuffer(count: normalization.scale.count / 2)
    sums = AlignedBuffer(count: normalization.scale.count / 2)
  }

  /// Pools the front end and the layers behind it, whose channels follow each other.
  func pool(_ frontEnd: PatchRows, _ layers: [PatchRows]) {
    for (embedding, rows) in rows.enumerated() {
      pool(frontEnd, rows, target: 0)
      var channel = frontEnd.channels
      for layer in layers {
        pool(layer, rows, target: channel)
        channel += layer.channels
      }
      let start = embedding * normalization.scale.count
      let share = 1 / Float(rows.count)
      for channel in 0..<channel {
        let (maximum, mean) = (2 * channel, 2 * channel + 1)
        values[start + maximum] = maxima[channel] * normalization.scale[maximum] + normalization.offset[maximum]
        values[start + mean] = sums[channel] * share * normalization.scale[mean] + normalization.offset[mean]
      }
    }
  }

  private func pool(_ layer: PatchRows, _ rows: Range<Int>, target: Int) {
    kernels.pool(
      layer.values, at: layer.offset(ofRow: rows.lowerBound), rows: rows.count, columns: layer.channels, maxima: maxima,
      sums: sums, target: target)
  }
}

/// A convolution over time of a patch that moves on. Away from the patch's borders a row is the same in every patch, and
/// is kept.
struct MovingConvolution {
  let convolution: TimeConvolution
  /// `[187 × outputStride]`
  let sums: AlignedBuffer
  /// Rows that do not depend on the borders; none at all where they do everywhere.
  let innerRows: Range<Int>

  init(_ convolution: Convolution, inputs: Range<Int>, innerRows: Range<Int>, kernels: Kernels) {
    self.convolution = TimeConvolution(convolution, inputs: inputs, kernels: kernels)
    self.innerRows = innerRows
    sums = AlignedBuffer(count: PatchRows.frames * self.convolution.outputStride)
  }

  /// Brings the sums up to date with `patch`, which has moved on by `count` frames.
  func advance(_ patch: PatchRows, newFrames count: Int) {
    let firstNew = max(innerRows.lowerBound, innerRows.upperBound - count)
    sums.shift(by: count * convolution.outputStride)
    convolution.apply(to: 0..<innerRows.lowerBound, of: patch, into: sums)
    convolution.apply(to: firstNew..<PatchRows.frames, of: patch, into: sums)
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
/// The windows of neighbouring rows overlap, so that the input, with its zeros, is its own unfolded matrix and is read
/// where it lies. It is worked off a tap at a time: the weights of all taps do not stay in the cache.
struct TimeConvolution {
  /// From row to row of the result.
  var outputStride: Int { matrix.paddedColumns }

  private let taps: Int
  /// Channels of the patch that are read.
  private let inputs: Range<Int>
  private let matrix: PackedMatrix

  init(_ convolution: Convolution, inputs: Range<Int>, kernels: Kernels) {
    let shape = convolution.kernel.shape
    let (allInputs, outputs) = (shape[2], shape[3])
    let values = convolution.kernel.values
    taps = shape[0]
    precondition(taps / 2 == PatchRows.margin)
    self.inputs = inputs
    matrix = PackedMatrix(depth: taps * inputs.count, columns: outputs, kernels: kernels) { row, column in
      let (tap, input) = (row / inputs.count, inputs.lowerBound + row % inputs.count)
      return values[(tap * allInputs + input) * outputs + column]
    }
  }

  /// Computes `rows` of the result into `sums` `[frames × outputStride]`.
  func apply(to rows: Range<Int>, of patch: PatchRows, into sums: AlignedBuffer) {
    for tap in 0..<taps {
      matrix.multiply(
        patch.values, at: patch.offset(ofRow: rows.lowerBound + tap - taps / 2) + inputs.lowerBound,
        stride: patch.channels, rows: rows.count, depths: tap * inputs.count..<(tap + 1) * inputs.count, into: sums,
        at: rows.lowerBound * outputStride, accumulating: tap > 0)
    }
  }
}
