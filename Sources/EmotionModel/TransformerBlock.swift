internal import NeuralNetwork
internal import Platform

/// A block of a transformer whose layers are normalised beforehand (Xiong et al., "On layer normalization in the
/// transformer architecture", 2020): `x += attention(norm1(x))`, `x += feedforward(norm2(x))`, with GELU.
///
/// The attention itself is the caller's: this is what happens to one step before and after it.
struct TransformerBlock {
  let width: Int
  private let norm1: LayerNormalization
  private let query: Dense
  private let key: Dense
  private let value: Dense
  private let output: Dense
  private let norm2: LayerNormalization
  private let feedforward: (first: Dense, second: Dense)

  private var normalized: [Float]
  private var projected: [Float]
  private var hidden: [Float]

  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, _ name: String, width: Int) throws(Failure) {
    self.width = width
    norm1 = try tensors.layerNormalization("\(name).norm1", width: width)
    query = try tensors.dense("\(name).attention.query", inputs: width, outputs: width)
    key = try tensors.dense("\(name).attention.key", inputs: width, outputs: width)
    value = try tensors.dense("\(name).attention.value", inputs: width, outputs: width)
    output = try tensors.dense("\(name).attention.output", inputs: width, outputs: width)
    norm2 = try tensors.layerNormalization("\(name).norm2", width: width)
    let inner = try tensors.dimension(
      0, of: "\(name).feedforward.0.weight", expecting: "[inner width, \(width)]", rank: 2)
    feedforward = (
      try tensors.dense("\(name).feedforward.0", inputs: width, outputs: inner),
      try tensors.dense("\(name).feedforward.1", inputs: inner, outputs: width)
    )
    normalized = Array(repeating: 0, count: width)
    projected = Array(repeating: 0, count: width)
    hidden = Array(repeating: 0, count: inner)
  }

  /// What the attention needs of a step `x`, `[width]` each: its query, and the key and value under which other steps
  /// find it.
  mutating func project(_ x: [Float], query: inout [Float], key: inout [Float], value: inout [Float]) {
    norm1.apply(to: x, into: &normalized)
    self.query.apply(to: normalized, into: &query)
    self.key.apply(to: normalized, into: &key)
    self.value.apply(to: normalized, into: &value)
  }

  /// The rest of the block, from what the step has attended to.
  mutating func finish(_ x: inout [Float], attended: [Float]) {
    output.apply(to: attended, into: &projected)
    for index in x.indices { x[index] += projected[index] }
    norm2.apply(to: x, into: &normalized)
    feedforward.first.apply(to: normalized, into: &hidden)
    for index in hidden.indices { hidden[index] = Activation.gelu(hidden[index]) }
    feedforward.second.apply(to: hidden, into: &projected)
    for index in x.indices { x[index] += projected[index] }
  }
}
