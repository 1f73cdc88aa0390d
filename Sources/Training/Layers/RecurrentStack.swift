public import Platform

/// Layers of LSTM or GRU, one on the other, in one direction or both: `[batch × time × in]` becomes
/// `[batch × time × outputs]`.
public struct RecurrentStack<Scalar: TrainingScalar>: Layer {
  public enum Cell: Sendable {
    /// Long short-term memory, see ``Variable/lstm(_:lengths:isReversed:)``.
    case lstm
    /// Gated recurrent units, see ``Variable/gru(_:lengths:isReversed:)``.
    case gru

    var gates: Int { self == .lstm ? 4 : 3 }
  }

  public let cell: Cell
  /// For each layer forwards, and backwards if it is bidirectional.
  public let weights: [[RecurrentWeights<Scalar>]]
  /// Between the layers.
  public let dropout: Double

  /// Weights and biases begin between ±1/√hidden.
  public init(
    _ cell: Cell, inputs: Int, hidden: Int, layers: Int = 1, isBidirectional: Bool = false, dropout: Double = 0,
    using generator: inout SeededGenerator
  ) {
    self.cell = cell
    self.dropout = dropout
    let directions = isBidirectional ? 2 : 1
    let gates = cell.gates * hidden
    weights = (0..<layers).map { layer in
      (0..<directions).map { _ in
        func make(_ shape: [Int]) -> Variable<Scalar> {
          Initialization.uniform(shape, inputs: hidden, using: &generator)
        }
        return RecurrentWeights(
          input: make([gates, layer == 0 ? inputs : directions * hidden]), recurrent: make([gates, hidden]),
          inputBias: make([gates]), recurrentBias: make([gates]))
      }
    }
  }

  public var hidden: Int { weights[0][0].recurrent.shape[1] }
  public var isBidirectional: Bool { weights[0].count == 2 }
  /// The states of both directions, side by side.
  public var outputs: Int { weights[0].count * hidden }

  public var parameters: [Parameter<Scalar>] {
    weights.enumerated().flatMap { layer, directions in
      zip(directions, ["", "_reverse"]).flatMap { weights, suffix in
        [
          Parameter("weight_ih_l\(layer)\(suffix)", weights.input),
          Parameter("weight_hh_l\(layer)\(suffix)", weights.recurrent),
          Parameter("bias_ih_l\(layer)\(suffix)", weights.inputBias),
          Parameter("bias_hh_l\(layer)\(suffix)", weights.recurrentBias),
        ]
      }
    }
  }

  /// - Parameter lengths: of the sequences, if some are shorter; what lies behind is ignored, and zero in the output.
  public func apply(to input: Variable<Scalar>, lengths: [Int]? = nil, pass: inout Pass) -> Variable<Scalar> {
    var output = input
    for (layer, directions) in weights.enumerated() {
      if layer > 0 { output = pass.dropout(output, rate: dropout) }
      let outputs = directions.enumerated().map { direction, weights in
        switch cell {
        case .lstm: output.lstm(weights, lengths: lengths, isReversed: direction == 1)
        case .gru: output.gru(weights, lengths: lengths, isReversed: direction == 1)
        }
      }
      output = outputs.count == 1 ? outputs[0] : Variable.concatenated(outputs, axis: 2)
    }
    return output
  }
}
