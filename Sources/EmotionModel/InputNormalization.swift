internal import NeuralNetwork
internal import Platform

/// Brings the values of an embedding to mean 0 and deviation 1: `(x - mean) / scale`.
package struct InputNormalization: Sendable, Equatable {
  package let mean: [Float]
  /// None is 0.
  package let scale: [Float]

  package var count: Int { mean.count }

  package init(mean: [Float], scale: [Float]) {
    precondition(mean.count == scale.count && !scale.contains(0))
    (self.mean, self.scale) = (mean, scale)
  }

  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or a scale is 0.
  init(_ tensors: ModelTensors) throws(Failure) {
    let count = try tensors.dimension(0, of: "normalisation.mean", expecting: "[values]", rank: 1)
    mean = try tensors.vector("normalisation.mean", count)
    scale = try tensors.vector("normalisation.scale", count)
    guard !scale.contains(0) else { throw tensors.problem("tensor '\(tensors.prefix)normalisation.scale' holds a 0") }
  }

  package func applied(to embedding: ArraySlice<Float>) -> [Float] {
    embedding.enumerated().map { ($1 - mean[$0]) / scale[$0] }
  }

  /// Normalises the part of an embedding that a network reads, into `output` `[count]`: values from `start` on, and the
  /// last `tailCount` of all.
  func apply(to embedding: [Float], from start: Int, tailCount: Int, into output: inout [Float]) {
    let ownCount = mean.count - tailCount
    for index in 0..<ownCount { output[index] = (embedding[start + index] - mean[index]) / scale[index] }
    let tailStart = embedding.count - tailCount - ownCount
    for index in ownCount..<mean.count {
      output[index] = (embedding[tailStart + index] - mean[index]) / scale[index]
    }
  }
}
