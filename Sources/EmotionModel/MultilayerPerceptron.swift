internal import NeuralNetwork
internal import Platform

/// The hidden layers of a multilayer perceptron, with ReLU. The paper that affectd follows has two, of 256 and 128.
struct MultilayerPerceptron: LiveNetwork {
  var featureCount: Int { layers.last?.outputCount ?? inputCount }

  private let inputCount: Int
  private let layers: [Dense]
  private var hidden: [[Float]]

  /// - Parameters:
  ///   - layers: each takes what the one before gives; none is a linear model.
  init(inputCount: Int, layers: [Dense]) {
    self.inputCount = inputCount
    self.layers = layers
    hidden = layers.map { Array(repeating: 0, count: $0.outputCount) }
  }

  /// Reads `layers.N.weight` and `layers.N.bias`, the last of which is the output layer; of a model that tells quadrants
  /// apart that has a name of its own.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  static func read(
    _ tensors: ModelTensors, inputCount: Int
  ) throws(Failure) -> (hidden: MultilayerPerceptron, output: Dense?) {
    let depth = try tensors.depth("layers")
    let hasOutput = !QuadrantHead.isIn(tensors)
    var layers: [Dense] = []
    var inputs = inputCount
    for index in 0..<depth {
      let outputs = try tensors.dimension(
        0, of: "layers.\(index).weight", expecting: "[outputs, \(inputs)]", rank: 2)
      layers.append(
        try tensors.dense(
          "layers.\(index)", inputs: inputs, outputs: hasOutput && index == depth - 1 ? OutputHead.outputCount : outputs
        ))
      inputs = outputs
    }
    let output = hasOutput ? layers.removeLast() : nil  // the depth is at least 1
    return (MultilayerPerceptron(inputCount: inputCount, layers: layers), output)
  }

  mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    guard !layers.isEmpty else {
      for index in features.indices { features[index] = input[index] }
      return
    }
    apply(0, to: input)
    for index in layers.indices.dropFirst() { apply(index, to: hidden[index - 1]) }
    let last = hidden.count - 1
    for index in features.indices { features[index] = hidden[last][index] }
  }

  private mutating func apply(_ layer: Int, to input: [Float]) {
    layers[layer].apply(to: input, into: &hidden[layer])
    for index in hidden[layer].indices { hidden[layer][index] = max(0, hidden[layer][index]) }
  }
}
