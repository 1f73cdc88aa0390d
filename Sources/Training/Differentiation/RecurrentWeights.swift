/// The weights of a recurrent layer in one direction, with the gates one after the other as PyTorch has them: input,
/// forget, cell, output (LSTM), or reset, update, new (GRU).
public struct RecurrentWeights<Scalar: TrainingScalar> {
  /// `[(gates × hidden) × in]`
  public let input: Variable<Scalar>
  /// `[(gates × hidden) × hidden]`
  public let recurrent: Variable<Scalar>
  /// `[gates × hidden]`
  public let inputBias: Variable<Scalar>
  /// `[gates × hidden]`
  public let recurrentBias: Variable<Scalar>

  public init(
    input: Variable<Scalar>, recurrent: Variable<Scalar>, inputBias: Variable<Scalar>, recurrentBias: Variable<Scalar>
  ) {
    let gates = recurrent.shape[0]
    precondition(input.shape.count == 2 && recurrent.shape.count == 2 && input.shape[0] == gates)
    precondition(inputBias.shape == [gates] && recurrentBias.shape == [gates])
    self.input = input
    self.recurrent = recurrent
    self.inputBias = inputBias
    self.recurrentBias = recurrentBias
  }

  var variables: [Variable<Scalar>] { [input, recurrent, inputBias, recurrentBias] }
}

/// How a recurrent layer goes through a batch of sequences `[batch × time × …]`, some of them shorter. What lies behind
/// a sequence's end is zero and has no influence: backwards, each begins at its own end.
struct RecurrentLayout {
  let batch, time, inputs, hidden, gates: Int
  let lengths: [Int]
  let isReversed: Bool

  init<Scalar>(_ input: [Int], _ weights: RecurrentWeights<Scalar>, gates: Int, lengths: [Int]?, isReversed: Bool) {
    precondition(input.count == 3 && input[2] == weights.input.shape[1], "\(input) does not fit the weights")
    (batch, time, inputs) = (input[0], input[1], input[2])
    hidden = weights.recurrent.shape[1]
    self.gates = gates
    precondition(weights.recurrent.shape[0] == gates * hidden)
    self.lengths = lengths ?? Array(repeating: input[1], count: input[0])
    precondition(self.lengths.count == batch && self.lengths.allSatisfy { 0 <= $0 && $0 <= input[1] })
    self.isReversed = isReversed
  }

  var rows: Int { batch * time }
  var gateWidth: Int { gates * hidden }

  /// The steps in the order in which they are computed, each with the one before it.
  var steps: [(time: Int, previous: Int?)] {
    let order = isReversed ? Array((0..<time).reversed()) : Array(0..<time)
    return order.enumerated().map { ($0.element, $0.offset == 0 ? nil : order[$0.offset - 1]) }
  }

  /// The products of all steps' inputs with the weights, plus `bias`: `[batch × time × gates × hidden]`.
  func inputProducts<Scalar>(
    _ input: DenseTensor<Scalar>, _ weights: DenseTensor<Scalar>, bias: DenseTensor<Scalar>
  ) -> DenseTensor<Scalar> {
    DenseTensor(shape: [batch, time, gateWidth]) { result in
      bias.repeatRows(rows, into: result)
      Scalar.multiply(
        input.values, stride: inputs, transposingLeft: false, weights.values, stride: inputs, transposingRight: true,
        rows: rows, columns: gateWidth, depth: inputs, factor: 1, into: result, stride: gateWidth, accumulating: true)
    }
  }

  /// Adds what the state at time `previous` contributes to the gates, of which rows lie `stride` apart.
  func addRecurrentProducts<Scalar: TrainingScalar>(
    _ states: UnsafePointer<Scalar>, previous: Int, _ weights: UnsafePointer<Scalar>,
    to gates: UnsafeMutablePointer<Scalar>, stride: Int
  ) {
    Scalar.multiply(
      states + previous * hidden, stride: time * hidden, transposingLeft: false,
      weights, stride: hidden, transposingRight: true,
      rows: batch, columns: gateWidth, depth: hidden, factor: 1, into: gates, stride: stride, accumulating: true)
  }

  /// The gradient of the state before a step, `[batch × hidden]`, from that of the gates of all steps,
  /// `[batch × time × gates × hidden]`.
  func stateGradient<Scalar: TrainingScalar>(
    ofGates gradient: UnsafePointer<Scalar>, at step: Int, _ weights: UnsafePointer<Scalar>,
    into result: UnsafeMutablePointer<Scalar>, accumulating: Bool
  ) {
    Scalar.multiply(
      gradient + step * gateWidth, stride: time * gateWidth, transposingLeft: false,
      weights, stride: hidden, transposingRight: false,
      rows: batch, columns: hidden, depth: gateWidth, factor: 1, into: result, stride: hidden,
      accumulating: accumulating)
  }

  /// Adds to the gradients of the layer's input and weights.
  ///
  /// - Parameters:
  ///   - inputGates: the gradient of what the input products are added to, `[batch × time × gates × hidden]`.
  ///   - recurrentGates: the same of the recurrent products.
  ///   - states: the layer's output.
  func addGradients<Scalar>(
    inputGates: DenseTensor<Scalar>, recurrentGates: DenseTensor<Scalar>, input: Variable<Scalar>,
    inputValue: DenseTensor<Scalar>, states: DenseTensor<Scalar>, inputWeights: DenseTensor<Scalar>,
    weights: RecurrentWeights<Scalar>
  ) {
    input.withGradient {
      Scalar.multiply(
        inputGates.values, stride: gateWidth, transposingLeft: false,
        inputWeights.values, stride: inputs, transposingRight: false,
        rows: rows, columns: inputs, depth: gateWidth, factor: 1, into: $0, stride: inputs, accumulating: true)
    }
    func addProducts(_ gradient: DenseTensor<Scalar>, _ other: DenseTensor<Scalar>, to result: Variable<Scalar>) {
      let width = other.channels
      result.withGradient {
        Scalar.multiply(
          gradient.values, stride: gateWidth, transposingLeft: true, other.values, stride: width,
          transposingRight: false, rows: gateWidth, columns: width, depth: rows, factor: 1, into: $0, stride: width,
          accumulating: true)
      }
    }
    addProducts(inputGates, inputValue, to: weights.input)
    addProducts(recurrentGates, statesBefore(states), to: weights.recurrent)
    weights.inputBias.withGradient { inputGates.addRowSums(to: $0) }
    weights.recurrentBias.withGradient { recurrentGates.addRowSums(to: $0) }
  }

  /// The state before each step, `[batch × time × hidden]`; zero before the first.
  private func statesBefore<Scalar>(_ states: DenseTensor<Scalar>) -> DenseTensor<Scalar> {
    DenseTensor(shape: states.shape) { result in
      states.withPointer { states in
        let kept = (time - 1) * hidden
        for sequence in 0..<batch {
          let (from, to) = (states + sequence * time * hidden, result + sequence * time * hidden)
          if isReversed {
            to.update(from: from + hidden, count: kept)
            (to + kept).update(repeating: 0, count: hidden)
          } else {
            to.update(repeating: 0, count: hidden)
            (to + hidden).update(from: from, count: kept)
          }
        }
      }
    }
  }
}
