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
    firstParts = parts.map { part in
      MovingConvolution(
        layers.mid[0].convolution, inputs: part.channels, of: part.innerRows, kernels: kernels)
    }
    // Each layer looks further.
    var inner = firstParts.map(\.innerRows).reduce(0..<PatchRows.frames) { $0.clamped(to: $1) }
    rest = layers.mid.dropFirst().map { layer in
      let convolution = MovingConvolution(
        layer.convolution, inputs: 0..<layer.convolution.kernel.shape[2], of: inner, kernels: kernels)
      inner = convolution.innerRows
      return convolution
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
  /// - Parameters:
  ///   - first: the patch's first frame, counted in the stream.
  ///   - count: frames that the patch moved on by since the last call.
  mutating func evaluate(_ frontEnd: PatchRows, from first: Int, newFrames count: Int) {
    for part in firstParts { part.advance(frontEnd, from: first, newFrames: count) }
    product.copy(firstParts[0].sums)
    for part in firstParts.dropFirst() { product.add(part.sums) }
    finish(0, product)
    for (index, convolution) in rest.enumerated() {
      convolution.advance(outputs[index], from: first, newFrames: count)
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
      sums, stride: firstParts[0].outputStride, rows: PatchRows.frames,
      bias: layers.mid[index].convolution.bias, normalization: layers.mid[index].normalization,
      into: outputs[index].values, at: outputs[index].offset(ofRow: 0))
  }
}
