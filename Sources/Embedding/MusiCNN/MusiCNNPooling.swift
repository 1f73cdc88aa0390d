internal import FastKernels
internal import NeuralNetwork

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
