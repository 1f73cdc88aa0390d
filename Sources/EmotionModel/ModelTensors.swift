internal import NeuralNetwork
internal import Platform

/// The tensors of one network of a model file, with what all kinds of network ask of them. Nothing is taken on trust:
/// sizes are bounded before anything is made that has them.
struct ModelTensors {
  let file: SafetensorsFile
  /// What the names begin with: nothing, or `members.K.` in an ensemble.
  let prefix: String

  /// The widest layer, and the widest embedding.
  static let widthLimit = 4096
  static let inputLimit = 32_768
  /// Layers or blocks.
  static let depthLimit = 16

  func problem(_ text: String) -> Failure { Failure(.invalidData, file.path, text) }

  func has(_ name: String) -> Bool { file.shape(of: prefix + name) != nil }

  func tensor(_ name: String, _ shape: [Int]) throws(Failure) -> Tensor {
    try file.tensor(prefix + name, shape: shape)
  }

  func vector(_ name: String, _ count: Int) throws(Failure) -> [Float] { try tensor(name, [count]).values }

  /// The layer `name.weight` `[outputs × inputs]`, `name.bias` `[outputs]`.
  func dense(_ name: String, inputs: Int, outputs: Int) throws(Failure) -> Dense {
    try dense(weight: "\(name).weight", bias: "\(name).bias", inputs: inputs, outputs: outputs)
  }

  func dense(
    weight: String, bias: String, inputs: Int, outputs: Int
  ) throws(Failure) -> Dense {
    Dense(weight: try tensor(weight, [outputs, inputs]), bias: try vector(bias, outputs))
  }

  func layerNormalization(_ name: String, width: Int) throws(Failure) -> LayerNormalization {
    LayerNormalization(weight: try vector("\(name).weight", width), bias: try vector("\(name).bias", width))
  }

  /// The length of one dimension of a tensor, which the file may choose within bounds.
  ///
  /// - Parameters:
  ///   - expected: the shape as a person writes it, for the error.
  ///   - multiple: the length is so many times the width, such as 3 for three gates.
  ///   - limit: the widest; nil for the widest layer or, of a vector, embedding.
  /// - Returns: the length divided by `multiple`: a width.
  func dimension(
    _ index: Int, of name: String, expecting expected: String, rank: Int, multiple: Int = 1, limit: Int? = nil
  ) throws(Failure) -> Int {
    let limit = limit ?? (rank == 1 ? Self.inputLimit : Self.widthLimit)
    guard let shape = file.shape(of: prefix + name) else {
      throw problem("tensor '\(prefix)\(name)' of shape \(expected) is missing")
    }
    guard shape.count == rank, shape[index] % multiple == 0, (1...limit).contains(shape[index] / multiple) else {
      throw problem("tensor '\(prefix)\(name)' has the shape \(shape), expected \(expected) and at most \(limit) wide")
    }
    return shape[index] / multiple
  }

  /// Whole numbers from 0 to below `bound`, ascending.
  ///
  /// - Parameters:
  ///   - limit: the most that there may be.
  ///   - expected: the shape as a person writes it, for the error.
  func indices(
    _ name: String, below bound: Int, limit: Int, expecting expected: String = "[count]"
  ) throws(Failure) -> [Int] {
    let values = try vector(name, try dimension(0, of: name, expecting: expected, rank: 1, limit: limit))
    let indices = values.map { Int(exactly: $0) ?? -1 }
    guard indices.allSatisfy({ (0..<bound).contains($0) }), zip(indices, indices.dropFirst()).allSatisfy(<) else {
      throw problem(
        "tensor '\(prefix)\(name)' holds other than whole numbers from 0 to \(bound - 1), expected each larger than the one before"
      )
    }
    return indices
  }

  /// How many layers there are whose tensors are called `NAME.0.…`, `NAME.1.…` and so on. That each of them is complete
  /// shows when it is read.
  func depth(_ name: String) throws(Failure) -> Int {
    let start = "\(prefix)\(name)."
    let numbers = file.tensorNames.lazy.filter { $0.hasPrefix(start) }
      .compactMap { Int($0.dropFirst(start.count).prefix { $0 != "." }) }
    guard let last = numbers.max() else { throw problem("holds no layers '\(start)N', expected at least one") }
    guard (0..<Self.depthLimit).contains(last) else {
      throw problem("holds a layer '\(start)\(last)', expected at most \(Self.depthLimit) layers, counted from 0")
    }
    return last + 1
  }

  /// The whole number that the metadata must have for `key`.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int {
    guard let number = try file.integer(key, in: range) else {
      throw problem(
        "its metadata have no '\(key)', expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
