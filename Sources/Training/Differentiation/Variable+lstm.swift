extension Variable {
  /// One direction of long short-term memory (Hochreiter and Schmidhuber, 1997; with a forget gate, Gers et al., 2000),
  /// from a state of zeros: `[batch × time × in]` becomes `[batch × time × hidden]`.
  ///
  /// - Parameters:
  ///   - lengths: of the sequences, if some are shorter; what lies behind is ignored, and zero in the output.
  ///   - isReversed: from the last step to the first.
  public func lstm(_ weights: RecurrentWeights<Scalar>, lengths: [Int]? = nil, isReversed: Bool = false) -> Variable {
    let layout = RecurrentLayout(shape, weights, gates: 4, lengths: lengths, isReversed: isReversed)
    let cell = LSTMCell(layout: layout)
    let (input, inputWeights, recurrentWeights) = (value, weights.input.value, weights.recurrent.value)
    var bias = weights.inputBias.value
    bias.add(weights.recurrentBias.value)
    var gates = layout.inputProducts(input, inputWeights, bias: bias)
    var cells = DenseTensor<Scalar>(zeros: [layout.batch, layout.time, layout.hidden])
    var states = cells
    gates.withMutablePointer { gates in
      cells.withMutablePointer { cells in
        states.withMutablePointer { states in
          cell.run(gates: gates, cells: cells, states: states, weights: recurrentWeights.values)
        }
      }
    }
    return Variable(states, from: [self] + weights.variables) { [gates, cells, states] gradient in
      let gateGradient = DenseTensor<Scalar>(shape: gates.shape) {
        cell.runBack(
          gradient.values, gates: gates.values, cells: cells.values, weights: recurrentWeights.values, into: $0)
      }
      layout.addGradients(
        inputGates: gateGradient, recurrentGates: gateGradient, input: self, inputValue: input, states: states,
        inputWeights: inputWeights, weights: weights)
    }
  }
}

/// `i, f, o = σ(…)`, `g = tanh(…)`, `c = f c' + i g`, `h = o tanh(c)`.
private struct LSTMCell {
  let layout: RecurrentLayout

  /// Replaces the sums in `gates` by the gates and writes cells and states, which are zero before.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func run<Scalar: TrainingScalar>(
    gates: UnsafeMutablePointer<Scalar>, cells: UnsafeMutablePointer<Scalar>, states: UnsafeMutablePointer<Scalar>,
    weights: UnsafePointer<Scalar>
  ) {
    let (hidden, width) = (layout.hidden, layout.gateWidth)
    for (time, previous) in layout.steps {
      if let previous {
        layout.addRecurrentProducts(
          states, previous: previous, weights, to: gates + time * width, stride: layout.time * width)
      }
      for sequence in 0..<layout.batch where time < layout.lengths[sequence] {
        let row = sequence * layout.time + time
        let gates = gates + row * width
        let (cell, state) = (cells + row * hidden, states + row * hidden)
        let cellBefore = previous.map { UnsafePointer(cells + (sequence * layout.time + $0) * hidden) }
        for index in 0..<hidden {
          let input = logistic(gates[index])
          let forget = logistic(gates[hidden + index])
          let new = Scalar.hyperbolicTangent(gates[2 * hidden + index])
          let output = logistic(gates[3 * hidden + index])
          let content = input * new + forget * (cellBefore?[index] ?? 0)
          gates[index] = input
          gates[hidden + index] = forget
          gates[2 * hidden + index] = new
          gates[3 * hidden + index] = output
          cell[index] = content
          state[index] = output * Scalar.hyperbolicTangent(content)
        }
      }
    }
  }

  /// Writes the gradient of the sums from that of the states.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func runBack<Scalar: TrainingScalar>(
    _ gradient: UnsafePointer<Scalar>, gates: UnsafePointer<Scalar>, cells: UnsafePointer<Scalar>,
    weights: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>
  ) {
    let (hidden, width) = (layout.hidden, layout.gateWidth)
    // What later steps say of state and cell, `[batch × hidden]`.
    var fromStates = [Scalar](repeating: 0, count: layout.batch * hidden)
    var fromCells = fromStates
    for (time, previous) in layout.steps.reversed() {
      fromStates.withUnsafeMutableBufferPointer { fromStates in
        fromCells.withUnsafeMutableBufferPointer { fromCells in
          for sequence in 0..<layout.batch {
            let row = sequence * layout.time + time
            let (gates, result) = (gates + row * width, result + row * width)
            guard time < layout.lengths[sequence] else {
              result.update(repeating: 0, count: width)
              continue
            }
            let (cell, gradient) = (cells + row * hidden, gradient + row * hidden)
            let cellBefore = previous.map { cells + (sequence * layout.time + $0) * hidden }
            for index in 0..<hidden {
              let (input, forget) = (gates[index], gates[hidden + index])
              let (new, output) = (gates[2 * hidden + index], gates[3 * hidden + index])
              let squashed = Scalar.hyperbolicTangent(cell[index])
              let slope = gradient[index] + fromStates[sequence * hidden + index]
              let cellSlope =
                slope * output * (1 - squashed * squashed) + fromCells[sequence * hidden + index]
              result[index] = cellSlope * new * input * (1 - input)
              result[hidden + index] = cellSlope * (cellBefore?[index] ?? 0) * forget * (1 - forget)
              result[2 * hidden + index] = cellSlope * input * (1 - new * new)
              result[3 * hidden + index] = slope * squashed * output * (1 - output)
              fromCells[sequence * hidden + index] = cellSlope * forget
            }
          }
          layout.stateGradient(
            ofGates: result, at: time, weights, into: fromStates.baseAddress!, accumulating: false)  // not empty
        }
      }
    }
  }
}
