public import Affect
internal import NeuralNetwork

/// The multilayer perceptron of the paper: two hidden layers with ReLU (256 and 128), two linear outputs, over
/// embeddings normalised to `(x - mean) / scale`.
public struct MultilayerPerceptron: EmotionRegressor {
  public static let kind = "mlp"

  public let card: ModelCard
  public var inputCount: Int { mean.count }

  private let mean: [Float]
  private let scale: [Float]
  private let layers: [Dense]
  private var normalized: [Float]
  private var hidden: [Tensor]
  private var output: [Float] = [0, 0]

  private static let hiddenSizes = [256, 128]
  /// Valence and arousal.
  private static let outputCount = 2

  /// - Throws: ``SafetensorsError`` if a tensor is missing or has another shape, or a scale is 0.
  init(file: SafetensorsFile, card: ModelCard) throws(SafetensorsError) {
    self.card = card
    mean = try file.tensor("normalisation.mean").values
    scale = try file.tensor("normalisation.scale", shape: [mean.count]).values
    guard !scale.contains(0) else {
      throw SafetensorsError(.unexpectedContent, file.path, "tensor 'normalisation.scale' holds a 0")
    }
    var layers: [Dense] = []
    var inputs = mean.count
    for (index, outputs) in (Self.hiddenSizes + [Self.outputCount]).enumerated() {
      layers.append(
        Dense(
          weight: try file.tensor("layers.\(index).weight", shape: [outputs, inputs]),
          bias: try file.tensor("layers.\(index).bias", shape: [outputs]).values))
      inputs = outputs
    }
    self.layers = layers
    normalized = Array(repeating: 0, count: mean.count)
    hidden = Self.hiddenSizes.map { Tensor(zeros: [$0]) }
  }

  public mutating func estimate(from embedding: [Float]) -> Affect {
    precondition(embedding.count == inputCount)
    for index in embedding.indices {
      normalized[index] = (embedding[index] - mean[index]) / scale[index]
    }
    hidden[0].fill { layers[0].apply(to: normalized, into: &$0) }
    hidden[0].rectify()
    let first = hidden[0].values
    hidden[1].fill { layers[1].apply(to: first, into: &$0) }
    hidden[1].rectify()
    layers[2].apply(to: hidden[1].values, into: &output)
    return Affect(valence: output[0], arousal: output[1])
  }
}
