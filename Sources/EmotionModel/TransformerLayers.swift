internal import NeuralNetwork
internal import Platform

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
