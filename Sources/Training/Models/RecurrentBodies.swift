internal import Platform

/// Gated recurrent units, one layer of 128 (Cho and others, 2014).
struct GRUBody: TrainableBody {
  private let stack: RecurrentStack<Float>
  private let dropout: Double

  let featureCount = 128

  init(inputs: Int, dropout: Double, generator: inout SeededGenerator) {
    stack = RecurrentStack(.gru, inputs: inputs, hidden: featureCount, using: &generator)
    self.dropout = dropout
  }

  var parameters: [Parameter<Float>] { stack.modelFileParameters("gru") }
  var settings: [String: String] { SequenceStep.settings }

  func features(of input: Variable<Float>, pass: inout Pass) -> Variable<Float> {
    pass.dropout(stack.apply(to: pass.dropout(input, rate: dropout), pass: &pass), rate: dropout)
  }
}

/// Long short-term memory in both directions, two layers of 128 (Hochreiter and Schmidhuber, 1997; Graves and
/// Schmidhuber, 2005).
struct BidirectionalLSTMBody: TrainableBody {
  private let stack: RecurrentStack<Float>
  private let dropout: Double

  let featureCount = 256

  init(inputs: Int, dropout: Double, generator: inout SeededGenerator) {
    stack = RecurrentStack(
      .lstm, inputs: inputs, hidden: 128, layers: 2, isBidirectional: true, dropout: dropout, using: &generator)
    self.dropout = dropout
  }

  var parameters: [Parameter<Float>] { stack.modelFileParameters("lstm") }
  var settings: [String: String] { SequenceStep.settings }

  func features(of input: Variable<Float>, pass: inout Pass) -> Variable<Float> {
    pass.dropout(stack.apply(to: pass.dropout(input, rate: dropout), pass: &pass), rate: dropout)
  }
}

extension RecurrentStack {
  /// The parameters under the names of the model file.
  func modelFileParameters(_ prefix: String) -> [Parameter<Scalar>] {
    weights.enumerated().flatMap { layer, directions in
      zip(directions, ["forward.", "backward."]).flatMap { weights, direction in
        [
          ("weight_ih", weights.input), ("weight_hh", weights.recurrent), ("bias_ih", weights.inputBias),
          ("bias_hh", weights.recurrentBias),
        ].map { Parameter("\(prefix).\(layer).\(isBidirectional ? direction : "")\($0)", $1) }
      }
    }
  }
}

/// The distance between the ticks that sequence models are trained on.
enum SequenceStep {
  static let seconds = 0.5
  static let settings = ["step_s": "0.5"]
}
