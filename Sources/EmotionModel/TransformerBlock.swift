internal import Glibc
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

/// What both kinds of transformer have in common around the attention: the layer that brings an embedding to the width of
/// the blocks, the blocks, and the last normalisation.
struct TransformerLayers {
  let input: Dense
  var blocks: [TransformerBlock]
  let norm: LayerNormalization
  let heads: Int

  var width: Int { input.outputCount }
  var headWidth: Int { width / heads }

  private static let headLimit = 64

  /// Reads `input`, `blocks.N`, `norm` and the metadata's `heads`.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or the width is no multiple of the heads.
  init(_ tensors: ModelTensors, inputCount: Int) throws(Failure) {
    let width = try tensors.dimension(0, of: "input.weight", expecting: "[width, \(inputCount)]", rank: 2)
    heads = try tensors.integer("heads", in: 1...Self.headLimit)
    guard width % heads == 0 else {
      throw tensors.problem("has \(heads) heads and a width of \(width), expected a width that the heads divide")
    }
    input = try tensors.dense("input", inputs: inputCount, outputs: width)
    blocks = []
    for index in 0..<(try tensors.depth("blocks")) {
      blocks.append(try TransformerBlock(tensors, "blocks.\(index)", width: width))
    }
    norm = try tensors.layerNormalization("norm", width: width)
  }
}

/// Layer normalisation (Ba, Kiros, Hinton, 2016): over a vector's own mean and variance, then a factor and an addend for
/// each value.
struct LayerNormalization {
  private let weight: [Float]
  private let bias: [Float]

  private static let epsilon: Float = 1e-5

  init(weight: [Float], bias: [Float]) {
    precondition(weight.count == bias.count && !weight.isEmpty)
    self.weight = weight
    self.bias = bias
  }

  /// From `input` to `output`, which are as long as the weight.
  func apply(to input: [Float], into output: inout [Float]) {
    var (sum, squares): (Float, Float) = (0, 0)
    for value in input { sum += value }
    let mean = sum / Float(input.count)
    for value in input { squares += (value - mean) * (value - mean) }
    let factor = 1 / (squares / Float(input.count) + Self.epsilon).squareRoot()
    for index in input.indices { output[index] = (input[index] - mean) * factor * weight[index] + bias[index] }
  }
}

/// The functions between layers.
enum Activation {
  static func sigmoid(_ value: Float) -> Float { 1 / (1 + exp(-value)) }

  /// Gaussian error linear unit, in its exact form (Hendrycks and Gimpel, 2016): x times the probability that a normal
  /// number lies below it.
  static func gelu(_ value: Float) -> Float { 0.5 * value * (1 + erf(value * Float(0.5).squareRoot())) }

  /// Softmax: turns the first `count` of `scores` into weights that add up to 1.
  static func softmax(_ scores: inout [Float], count: Int) {
    var largest = -Float.infinity
    for index in 0..<count { largest = max(largest, scores[index]) }
    var sum: Float = 0
    for index in 0..<count {
      scores[index] = exp(scores[index] - largest)
      sum += scores[index]
    }
    for index in 0..<count { scores[index] /= sum }
  }
}
