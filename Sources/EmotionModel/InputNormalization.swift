internal import Glibc
package import NeuralNetwork
internal import Platform

/// Brings the values that a network reads to mean 0 and deviation 1: `(x - mean) / scale`.
package struct InputNormalization: Sendable, Equatable {
  package let mean: [Float]
  /// None is 0.
  package let scale: [Float]
  /// Values that are powers, of which the logarithm is taken first, see ``logarithm(_:)``: ascending indices.
  package let logarithmic: [Int]
  /// Normalised values are clipped to so much on both sides of 0; nil for no limit. One outlier would otherwise carry a
  /// linear model anywhere.
  package let limit: Float?

  package var count: Int { mean.count }

  package init(mean: [Float], scale: [Float], logarithmic: [Int] = [], limit: Float? = nil) {
    precondition(mean.count == scale.count && !scale.contains(0))
    precondition(logarithmic.allSatisfy(mean.indices.contains) && limit ?? 1 > 0)
    (self.mean, self.scale, self.logarithmic, self.limit) = (mean, scale, logarithmic, limit)
  }

  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or a scale is 0.
  init(_ tensors: ModelTensors) throws(Failure) {
    let count = try tensors.dimension(0, of: "normalisation.mean", expecting: "[values]", rank: 1)
    mean = try tensors.vector("normalisation.mean", count)
    scale = try tensors.vector("normalisation.scale", count)
    guard !scale.contains(0) else { throw tensors.problem("tensor '\(tensors.prefix)normalisation.scale' holds a 0") }
    logarithmic =
      tensors.has("normalisation.logarithmic")
      ? try tensors.indices("normalisation.logarithmic", below: count, limit: count) : []
    guard tensors.has("normalisation.limit") else {
      limit = nil
      return
    }
    let limit = try tensors.vector("normalisation.limit", 1)[0]
    guard limit > 0 else {
      throw tensors.problem("tensor '\(tensors.prefix)normalisation.limit' holds \(limit), expected more than 0")
    }
    self.limit = limit
  }

  /// The tensors of a model file.
  package var tensors: [(name: String, tensor: Tensor)] {
    var tensors: [(name: String, tensor: Tensor)] = [
      ("normalisation.mean", Tensor(shape: [count], values: mean)),
      ("normalisation.scale", Tensor(shape: [count], values: scale)),
    ]
    if !logarithmic.isEmpty {
      tensors.append(
        (
          "normalisation.logarithmic",
          Tensor(shape: [logarithmic.count], values: logarithmic.map { Float($0) })
        ))
    }
    if let limit { tensors.append(("normalisation.limit", Tensor(shape: [1], values: [limit]))) }
    return tensors
  }

  /// The decimal logarithm of a power, of at least 1e-10.
  package static func logarithm(_ power: Float) -> Float { log10f(max(power, 1e-10)) }

  package func applied(to values: ArraySlice<Float>) -> [Float] {
    var result = Array(values)
    apply(to: &result)
    return result
  }

  /// Normalises `values` `[count]` in place.
  func apply(to values: inout [Float]) {
    for index in logarithmic { values[index] = Self.logarithm(values[index]) }
    for index in mean.indices { values[index] = (values[index] - mean[index]) / scale[index] }
    guard let limit else { return }
    for index in mean.indices { values[index] = min(max(values[index], -limit), limit) }
  }
}
