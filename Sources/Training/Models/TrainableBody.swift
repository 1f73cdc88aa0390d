internal import NeuralNetwork
internal import Platform

/// The part of a network between the embeddings and the output layers.
protocol TrainableBody {
  /// Numbers that the output layers read at a tick.
  var featureCount: Int { get }
  var parameters: [Parameter<Float>] { get }
  /// What is not trained, but belongs to the model: running averages.
  var state: [Parameter<Float>] { get }
  /// What the model file holds of it.
  var tensors: [(name: String, tensor: Tensor)] { get }
  /// What the metadata of the model file have to say.
  var settings: [String: String] { get }

  /// From `[batch × ticks × inputs]` to `[batch × ticks × featureCount]`.
  func features(of input: Variable<Float>, pass: inout Pass) -> Variable<Float>
}

extension TrainableBody {
  var state: [Parameter<Float>] { [] }

  /// The parameters, under their names.
  var tensors: [(name: String, tensor: Tensor)] { parameters.map { ($0.name, $0.variable.value.tensor) } }

  var settings: [String: String] { [:] }
}

/// Nothing between the embeddings and the output layer: ridge regression.
struct IdentityBody: TrainableBody {
  let featureCount: Int
  var parameters: [Parameter<Float>] { [] }

  func features(of input: Variable<Float>, pass: inout Pass) -> Variable<Float> { input }
}

/// Two hidden layers of 256 and 128 units with ReLU and dropout.
struct PerceptronBody: TrainableBody {
  private let layers: [DenseLayer<Float>]
  private let dropout: Double

  let featureCount: Int

  init(inputs: Int, sizes: [Int], dropout: Double, generator: inout SeededGenerator) {
    var layers: [DenseLayer<Float>] = []
    var count = inputs
    for size in sizes {
      layers.append(DenseLayer(count, size, using: &generator))
      count = size
    }
    self.layers = layers
    self.dropout = dropout
    featureCount = count
  }

  var parameters: [Parameter<Float>] {
    layers.enumerated().flatMap { $1.parameters.prefixed("layers.\($0)") }
  }

  func features(of input: Variable<Float>, pass: inout Pass) -> Variable<Float> {
    layers.reduce(input) { pass.dropout($1.apply(to: $0).relu(), rate: dropout) }
  }
}
