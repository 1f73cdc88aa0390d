internal import NeuralNetwork
internal import Platform

/// `(x - mean) / scale`, for each value of an embedding.
struct InputNormalization {
  private let mean: [Float]
  private let scale: [Float]

  var count: Int { mean.count }

  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or a scale is 0.
  init(_ tensors: ModelTensors) throws(Failure) {
    let count = try tensors.dimension(0, of: "normalisation.mean", expecting: "[values]", rank: 1)
    mean = try tensors.vector("normalisation.mean", count)
    scale = try tensors.vector("normalisation.scale", count)
    guard !scale.contains(0) else { throw tensors.problem("tensor '\(tensors.prefix)normalisation.scale' holds a 0") }
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
