internal import Glibc
internal import NeuralNetwork
internal import Platform

/// Layers of gated recurrent units (Cho et al., 2014), in PyTorch's form: the gates r, z and n one after the other, and
/// `n = tanh(W_in x + b_in + r (W_hn h + b_hn))`, `h = (1 - z) n + z h`.
struct GatedRecurrentNetwork: LiveNetwork {
  private struct Layer {
    let input: Dense
    let recurrent: Dense
    var inputGates: [Float]
    var recurrentGates: [Float]

    var width: Int { recurrent.inputCount }

    mutating func advance(_ value: [Float], hidden: inout [Float]) {
      input.apply(to: value, into: &inputGates)
      recurrent.apply(to: hidden, into: &recurrentGates)
      for index in 0..<width {
        let reset = Activation.sigmoid(inputGates[index] + recurrentGates[index])
        let update = Activation.sigmoid(inputGates[width + index] + recurrentGates[width + index])
        let new = tanh(inputGates[2 * width + index] + reset * recurrentGates[2 * width + index])
        hidden[index] = (1 - update) * new + update * hidden[index]
      }
    }
  }

  let featureCount: Int
  /// What the units of each layer hold.
  var stateLengths: [Int] { layers.map(\.width) }

  private var layers: [Layer]

  private static let gates = 3

  /// Reads `gru.N.weight_ih`, `gru.N.weight_hh`, `gru.N.bias_ih` and `gru.N.bias_hh`.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, inputCount: Int) throws(Failure) {
    layers = []
    var inputs = inputCount
    for index in 0..<(try tensors.depth("gru")) {
      let name = "gru.\(index)"
      let width = try tensors.dimension(
        0, of: "\(name).weight_ih", expecting: "[3 x width, \(inputs)]", rank: 2, multiple: Self.gates)
      let gates = Self.gates * width
      layers.append(
        Layer(
          input: try tensors.dense(
            weight: "\(name).weight_ih", bias: "\(name).bias_ih", inputs: inputs, outputs: gates),
          recurrent: try tensors.dense(
            weight: "\(name).weight_hh", bias: "\(name).bias_hh", inputs: width, outputs: gates),
          inputGates: Array(repeating: 0, count: gates), recurrentGates: Array(repeating: 0, count: gates)))
      inputs = width
    }
    featureCount = inputs
  }

  mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    layers[0].advance(input, hidden: &state.values[0])
    for index in layers.indices.dropFirst() {
      layers[index].advance(state.values[index - 1], hidden: &state.values[index])
    }
    let last = layers.count - 1
    for index in features.indices { features[index] = state.values[last][index] }
  }
}
