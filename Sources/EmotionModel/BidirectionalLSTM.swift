internal import Glibc
internal import NeuralNetwork
internal import Platform

/// Layers of long short-term memory (Hochreiter and Schmidhuber, 1997; the forget gate of Gers et al., 2000) that run
/// over a sequence in both directions, in PyTorch's form: the gates i, f, g and o one after the other.
struct BidirectionalLSTM: OfflineNetwork {
  private struct Direction {
    let input: Dense
    let recurrent: Dense

    var width: Int { recurrent.inputCount }

    /// The hidden states of the steps in `order`, at the places of the steps.
    func run(over sequence: [[Float]], in order: some Sequence<Int>) -> [[Float]] {
      var outputs = sequence.map { _ in [Float]() }
      var (hidden, cell) = ([Float](repeating: 0, count: width), [Float](repeating: 0, count: width))
      var inputGates = [Float](repeating: 0, count: input.outputCount)
      var recurrentGates = inputGates
      for step in order {
        input.apply(to: sequence[step], into: &inputGates)
        recurrent.apply(to: hidden, into: &recurrentGates)
        func gate(_ number: Int, _ index: Int) -> Float {
          inputGates[number * width + index] + recurrentGates[number * width + index]
        }
        for index in 0..<width {
          cell[index] =
            Activation.sigmoid(gate(1, index)) * cell[index]
            + Activation.sigmoid(gate(0, index)) * tanh(gate(2, index))
          hidden[index] = Activation.sigmoid(gate(3, index)) * tanh(cell[index])
        }
        outputs[step] = hidden
      }
      return outputs
    }
  }

  let featureCount: Int

  private let layers: [(forward: Direction, backward: Direction)]

  private static let gates = 4

  /// Reads `lstm.N.forward.weight_ih`, `.weight_hh`, `.bias_ih`, `.bias_hh` and the same of `lstm.N.backward`.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, inputCount: Int) throws(Failure) {
    var layers: [(forward: Direction, backward: Direction)] = []
    var inputs = inputCount
    for index in 0..<(try tensors.depth("lstm")) {
      let width = try tensors.dimension(
        0, of: "lstm.\(index).forward.weight_ih", expecting: "[4 x width, \(inputs)]", rank: 2, multiple: Self.gates)
      func direction(_ name: String) throws(Failure) -> Direction {
        let prefix = "lstm.\(index).\(name)"
        return Direction(
          input: try tensors.dense(
            weight: "\(prefix).weight_ih", bias: "\(prefix).bias_ih", inputs: inputs, outputs: Self.gates * width),
          recurrent: try tensors.dense(
            weight: "\(prefix).weight_hh", bias: "\(prefix).bias_hh", inputs: width, outputs: Self.gates * width))
      }
      layers.append((try direction("forward"), try direction("backward")))
      inputs = 2 * width
    }
    self.layers = layers
    featureCount = inputs
  }

  func features(of sequence: [[Float]]) -> [[Float]] {
    var values = sequence
    for layer in layers {
      let forward = layer.forward.run(over: values, in: values.indices)
      let backward = layer.backward.run(over: values, in: values.indices.reversed())
      values = zip(forward, backward).map { $0 + $1 }
    }
    return values
  }
}
