internal import NeuralNetwork
internal import Platform

/// A Transformer encoder (Vaswani and others, "Attention is all you need", 2017) of two blocks, 256 wide with 8 heads and
/// a feed-forward layer of 512, normalised before each part (Xiong and others, "On layer normalization in the
/// Transformer architecture", 2020).
///
/// The causal one looks at the last ``span`` ticks alone, and knows how far they lie back by a bias on the attention
/// (Press and others, "Train short, test long: attention with linear biases", 2022), not by their number in the song: it
/// listens for hours.
struct TransformerBody: TrainableBody {
  private struct Block {
    let attentionNormalization: LayerNormalizationLayer<Float>
    let attention: MultiHeadAttention<Float>
    let feedForwardNormalization: LayerNormalizationLayer<Float>
    let feedForward: [DenseLayer<Float>]
  }

  private let input: DenseLayer<Float>
  private let blocks: [Block]
  private let normalization: LayerNormalizationLayer<Float>
  private let isCausal: Bool
  private let dropout: Double

  let featureCount = 256
  static let heads = 8
  /// Ticks that a causal one sees: 16 s.
  static let span = 32
  private static let feedForwardSize = 512

  init(inputs: Int, isCausal: Bool, dropout: Double, generator: inout SeededGenerator) {
    self.isCausal = isCausal
    self.dropout = dropout
    let width = featureCount
    let pattern: AttentionPattern =
      isCausal ? AttentionPattern(isCausal: true, span: Self.span, hasDistanceBias: true) : .full
    input = DenseLayer(inputs, width, using: &generator)
    blocks = (0..<2).map { _ in
      Block(
        attentionNormalization: LayerNormalizationLayer(width),
        attention: MultiHeadAttention(
          features: width, heads: Self.heads, pattern: pattern, dropout: dropout, using: &generator),
        feedForwardNormalization: LayerNormalizationLayer(width),
        feedForward: [
          DenseLayer(width, Self.feedForwardSize, using: &generator),
          DenseLayer(Self.feedForwardSize, width, using: &generator),
        ])
    }
    normalization = LayerNormalizationLayer(width)
  }

  var parameters: [Parameter<Float>] {
    var parameters: [Parameter<Float>] = input.parameters.prefixed("input")
    for (index, block) in blocks.enumerated() {
      var own: [Parameter<Float>] = block.attentionNormalization.parameters.prefixed("norm1")
      own += block.attention.parameters.prefixed("attention")
      own += block.feedForwardNormalization.parameters.prefixed("norm2")
      for (number, layer) in block.feedForward.enumerated() {
        own += layer.parameters.prefixed("feedforward.\(number)")
      }
      parameters += own.prefixed("blocks.\(index)")
    }
    return parameters + normalization.parameters.prefixed("norm")
  }

  /// The model file has the projections to queries, keys and values apart.
  var tensors: [(name: String, tensor: Tensor)] {
    parameters.flatMap { parameter -> [(name: String, tensor: Tensor)] in
      let tensor = parameter.variable.value.tensor
      let parts = parameter.name.split(separator: "in_proj_")
      guard parts.count == 2 else {
        return [(parameter.name.replacing("attention.out_proj", with: "attention.output"), tensor)]
      }
      let part = tensor.values.count / 3
      return ["query", "key", "value"].enumerated().map { index, name in
        (
          "\(parts[0])\(name).\(parts[1])",
          Tensor(
            shape: [tensor.shape[0] / 3] + tensor.shape.dropFirst(),
            values: Array(tensor.values[index * part..<(index + 1) * part]))
        )
      }
    }
  }

  var settings: [String: String] {
    var settings = SequenceStep.settings
    settings["heads"] = "\(Self.heads)"
    if isCausal { settings["span"] = "\(Self.span)" }
    return settings
  }

  func features(of sequences: Variable<Float>, pass: inout Pass) -> Variable<Float> {
    var states = input.apply(to: sequences)
    if !isCausal { states = SinusoidalPositions.add(to: states) }
    states = pass.dropout(states, rate: dropout)
    for block in blocks {
      let attended = block.attention.apply(to: block.attentionNormalization.apply(to: states), pass: &pass)
      states = states + pass.dropout(attended, rate: dropout)
      let hidden = block.feedForward[0].apply(to: block.feedForwardNormalization.apply(to: states)).gelu()
      states = states + pass.dropout(block.feedForward[1].apply(to: pass.dropout(hidden, rate: dropout)), rate: dropout)
    }
    return normalization.apply(to: states)
  }
}
