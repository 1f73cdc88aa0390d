internal import NeuralNetwork

/// `(x - mean) / scale`, for each value of an embedding.
struct InputNormalization {
  private let mean: [Float]
  private let scale: [Float]

  var count: Int { mean.count }

  /// - Throws: ``SafetensorsError`` if a tensor is missing or has another shape, or a scale is 0.
  init(_ tensors: ModelTensors) throws(SafetensorsError) {
    let count = try tensors.dimension(0, of: "normalisation.mean", expecting: "[values]", rank: 1)
    mean = try tensors.vector("normalisation.mean", count)
    scale = try tensors.vector("normalisation.scale", count)
    guard !scale.contains(0) else { throw tensors.problem("tensor '\(tensors.prefix)normalisation.scale' holds a 0") }
  }

  /// Normalises `embedding` from its value `start` on into `output` `[count]`.
  func apply(to embedding: [Float], from start: Int, into output: inout [Float]) {
    for index in mean.indices { output[index] = (embedding[start + index] - mean[index]) / scale[index] }
  }
}
