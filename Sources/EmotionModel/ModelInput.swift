package import NeuralNetwork
internal import Platform

/// What a model reads of an embedding: some of its values or all, normalised, and perhaps projected on fewer.
package struct ModelInput: Sendable, Equatable {
  /// The values that are read, ascending indices; nil for all.
  package let selection: [Int]?
  package let normalization: InputNormalization
  /// Rows of as many weights as values are read, as many rows as the model takes values; nil for no projection.
  package let projection: Tensor?

  /// Values that are read of the embedding.
  package var readCount: Int { normalization.count }

  /// Values that the model takes.
  package var count: Int { projection?.shape[0] ?? normalization.count }

  /// - Parameters:
  ///   - selection: as many indices as the normalisation has values.
  ///   - projection: `[values × read values]`
  package init(selection: [Int]? = nil, normalization: InputNormalization, projection: Tensor? = nil) {
    precondition(selection.map { $0.count == normalization.count } ?? true)
    precondition(projection.map { $0.shape.count == 2 && $0.shape[1] == normalization.count } ?? true)
    self.selection = selection
    self.normalization = normalization
    self.projection = projection
  }

  /// - Throws: ``Failure`` if a tensor is missing or is not what it should be.
  init(_ tensors: ModelTensors) throws(Failure) {
    normalization = try InputNormalization(tensors)
    let count = normalization.count
    if tensors.has("selection") {
      let indices = try tensors.indices("selection", below: ModelTensors.inputLimit, limit: ModelTensors.inputLimit)
      guard indices.count == count else {
        throw tensors.problem(
          "tensor '\(tensors.prefix)selection' has \(indices.count) values, expected \(count) as in "
            + "'normalisation.mean'")
      }
      selection = indices
    } else {
      selection = nil
    }
    guard tensors.has("projection.weight") else {
      projection = nil
      return
    }
    let rows = try tensors.dimension(0, of: "projection.weight", expecting: "[outputs, \(count)]", rank: 2)
    projection = try tensors.tensor("projection.weight", [rows, count])
  }

  /// The tensors of a model file.
  package var tensors: [(name: String, tensor: Tensor)] {
    var tensors = normalization.tensors
    if let selection {
      tensors.append(("selection", Tensor(shape: [selection.count], values: selection.map { Float($0) })))
    }
    if let projection { tensors.append(("projection.weight", projection)) }
    return tensors
  }

  /// What the model takes of an embedding.
  package func applied(to embedding: ArraySlice<Float>) -> [Float] {
    var read = selection.map { $0.map { embedding[embedding.startIndex + $0] } } ?? Array(embedding)
    normalization.apply(to: &read)
    guard projection != nil else { return read }
    var output = [Float](repeating: 0, count: count)
    project(read, into: &output)
    return output
  }

  /// The same into `output` `[count]`, without taking memory.
  ///
  /// - Parameters:
  ///   - start: where the values begin, in a model that reads a part of the embedding.
  ///   - tailCount: how many of the values are the last ones of the embedding.
  ///   - read: `[readCount]`, overwritten.
  func apply(
    to embedding: [Float], from start: Int, tailCount: Int, read: inout [Float], into output: inout [Float]
  ) {
    if let selection {
      for (index, place) in selection.enumerated() { read[index] = embedding[place] }
    } else {
      let ownCount = readCount - tailCount
      for index in 0..<ownCount { read[index] = embedding[start + index] }
      let tailStart = embedding.count - readCount
      for index in ownCount..<readCount { read[index] = embedding[tailStart + index] }
    }
    normalization.apply(to: &read)
    guard projection != nil else {
      for index in read.indices { output[index] = read[index] }
      return
    }
    project(read, into: &output)
  }

  private func project(_ read: [Float], into output: inout [Float]) {
    guard let projection else { return }
    for row in output.indices {
      var sum = 0.0
      for column in read.indices { sum += Double(projection.values[row * read.count + column]) * Double(read[column]) }
      output[row] = Float(sum)
    }
  }
}
