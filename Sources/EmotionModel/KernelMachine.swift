internal import Glibc
package import NeuralNetwork
internal import Platform

/// The kernels of a support vector machine: how near an input is to each of the support vectors, `exp(-γ |x - s|²)`. The
/// output layer holds their coefficients (Schölkopf and Smola, "Learning with kernels", 2002).
package struct KernelMachine: LiveNetwork, Sendable {
  package var featureCount: Int { vectors.shape[0] }

  /// `[vectors × inputs]`
  private let vectors: Tensor
  private let gamma: Double

  /// The most support vectors.
  package static let limit = 32_768

  /// - Parameter gamma: above 0.
  package init(vectors: Tensor, gamma: Float) {
    precondition(vectors.shape.count == 2 && gamma > 0)
    self.vectors = vectors
    self.gamma = Double(gamma)
  }

  /// - Throws: ``Failure`` if a tensor is missing or is not what it should be.
  init(_ tensors: ModelTensors, inputCount: Int) throws(Failure) {
    let count = try tensors.dimension(
      0, of: "support.vectors", expecting: "[vectors, \(inputCount)]", rank: 2, limit: Self.limit)
    vectors = try tensors.tensor("support.vectors", [count, inputCount])
    let gamma = try tensors.vector("support.gamma", 1)[0]
    guard gamma > 0 else {
      throw tensors.problem("tensor '\(tensors.prefix)support.gamma' holds \(gamma), expected more than 0")
    }
    self.gamma = Double(gamma)
  }

  /// The tensors of a model file.
  package var tensors: [(name: String, tensor: Tensor)] {
    [("support.vectors", vectors), ("support.gamma", Tensor(shape: [1], values: [Float(gamma)]))]
  }

  /// The kernels of an input, `[vectors]`.
  package func kernels(of input: [Float]) -> [Float] {
    var features = [Float](repeating: 0, count: featureCount)
    kernels(of: input, into: &features)
    return features
  }

  private func kernels(of input: [Float], into features: inout [Float]) {
    let count = input.count
    precondition(count == vectors.shape[1] && features.count == featureCount)
    vectors.values.withUnsafeBufferPointer { vectors in
      input.withUnsafeBufferPointer { input in
        for row in features.indices {
          var sum = SIMD8<Float>.zero
          var column = 0
          let start = row * count
          // Over eight at a time; one sum of a thousand single-precision squares would lose digits.
          while column + 8 <= count {
            var difference = SIMD8<Float>.zero
            for lane in 0..<8 { difference[lane] = input[column + lane] - vectors[start + column + lane] }
            sum += difference * difference
            column += 8
          }
          var distance = (0..<8).reduce(0.0) { $0 + Double(sum[$1]) }
          while column < count {
            let difference = Double(input[column]) - Double(vectors[start + column])
            distance += difference * difference
            column += 1
          }
          features[row] = Float(exp(-gamma * distance))
        }
      }
    }
  }

  package mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    kernels(of: input, into: &features)
  }
}
