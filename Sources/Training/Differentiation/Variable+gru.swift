extension Variable {
  /// One direction of gated recurrent units (Cho et al., 2014; the reset gate after the product, as in PyTorch and
  /// cuDNN), from a state of zeros: `[batch × time × in]` becomes `[batch × time × hidden]`.
  ///
  /// - Parameters:
  ///   - lengths: of the sequences, if some are shorter; what lies behind is ignored, and zero in the output.
  ///   - isReversed: from the last step to the first.
  public func gru(_ weights: RecurrentWeights<Scalar>, lengths: [Int]? = nil, isReversed: Bool = false) -> Variable {
    let layout = RecurrentLayout(shape, weights, gates: 3, lengths: lengths, isReversed: isReversed)
    let cell = GRUCell(layout: layout)
    let (input, inputWeights, recurrentWeights) = (value, weights.input.value, weights.recurrent.value)
    var gates = layout.inputProducts(input, inputWeights, bias: weights.inputBias.value)
    var recurrent = DenseTensor<Scalar>(shape: gates.shape) {
      weights.recurrentBias.value.repeatRows(layout.rows, into: $0)
    }
    var states = DenseTensor<Scalar>(zeros: [layout.batch, layout.time, layout.hidden])
    gates.withMutablePointer { gates in
      recurrent.withMutablePointer { recurrent in
        states.withMutablePointer { states in
          cell.run(gates: gates, recurrent: recurrent, states: states, weights: recurrentWeights.values)
        }
      }
    }
    return Variable(states, from: [self] + weights.variables) { [gates, recurrent, states] gradient in
      var inputGradient = DenseTensor<Scalar>(zeros: gates.shape)
      var recurrentGradient = inputGradient
      inputGradient.withMutablePointer { inputGradient in
        recurrentGradient.withMutablePointer { recurrentGradient in
          cell.runBack(
            gradient.values, gates: gates.values, recurrent: recurrent.values, states: states.values,
            weights: recurrentWeights.values, inputGradient: inputGradient, recurrentGradient: recurrentGradient)
        }
      }
      layout.addGradients(
        inputGates: inputGradient, recurrentGates: recurrentGradient, input: self, inputValue: input, states: states,
        inputWeights: inputWeights, weights: weights)
    }
  }
}

/// With x' and h' the products of the input and of the state before, biases included: `r, z = σ(x' + h')`,
/// `n = tanh(x' + r h')`, `h = (1 - z) n + z h`.
private struct GRUCell {
  let layout: RecurrentLayout

  /// Replaces the input products in `gates` by the gates, adds the recurrent products to the biases in `recurrent`, and
  /// writes the states, which are zero before.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func run<Scalar: TrainingScalar>(
    gates: UnsafeMutablePointer<Scalar>, recurrent: UnsafeMutablePointer<Scalar>, states: UnsafeMutablePointer<Scalar>,
    weights: UnsafePointer<Scalar>
  ) {
    let (hidden, width) = (layout.hidden, layout.gateWidth)
    for (time, previous) in layout.steps {
      if let previous {
        layout.addRecurrentProducts(
          states, previous: previous, weights, to: recurrent + time * width, stride: layout.time * width)
      }
      for sequence in 0..<layout.batch where time < layout.lengths[sequence] {
        let row = sequence * layout.time + time
        let (gates, recurrent) = (gates + row * width, recurrent + row * width)
        let state = states + row * hidden
        let stateBefore = previous.map { UnsafePointer(states + (sequence * layout.time + $0) * hidden) }
        for index in 0..<hidden {
          let reset = logistic(gates[index] + recurrent[index])
          let update = logistic(gates[hidden + index] + recurrent[hidden + index])
          let new = Scalar.hyperbolicTangent(gates[2 * hidden + index] + reset * recurrent[2 * hidden + index])
          gates[index] = reset
          gates[hidden + index] = update
          gates[2 * hidden + index] = new
          state[index] = new + update * ((stateBefore?[index] ?? 0) - new)
        }
      }
    }
  }

  /// Writes the gradients of the input products and of the recurrent products, which are zero before.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func runBack<Scalar: TrainingScalar>(
    _ gradient: UnsafePointer<Scalar>, gates: UnsafePointer<Scalar>, recurrent: UnsafePointer<Scalar>,
    states: UnsafePointer<Scalar>, weights: UnsafePointer<Scalar>, inputGradient: UnsafeMutablePointer<Scalar>,
    recurrentGradient: UnsafeMutablePointer<Scalar>
  ) {
    let (hidden, width) = (layout.hidden, layout.gateWidth)
    // What later steps say of the state, `[batch × hidden]`.
    var fromStates = [Scalar](repeating: 0, count: layout.batch * hidden)
    for (time, previous) in layout.steps.reversed() {
      fromStates.withUnsafeMutableBufferPointer { fromStates in
        for sequence in 0..<layout.batch where time < layout.lengths[sequence] {
          let row = sequence * layout.time + time
          let (gates, recurrent) = (gates + row * width, recurrent + row * width)
          let (inputResult, recurrentResult) = (inputGradient + row * width, recurrentGradient + row * width)
          let gradient = gradient + row * hidden
          let stateBefore = previous.map { states + (sequence * layout.time + $0) * hidden }
          for index in 0..<hidden {
            let (reset, update, new) = (gates[index], gates[hidden + index], gates[2 * hidden + index])
            let slope = gradient[index] + fromStates[sequence * hidden + index]
            let newSlope = slope * (1 - update) * (1 - new * new)
            let updateSlope = slope * ((stateBefore?[index] ?? 0) - new) * update * (1 - update)
            let resetSlope = newSlope * recurrent[2 * hidden + index] * reset * (1 - reset)
            inputResult[index] = resetSlope
            inputResult[hidden + index] = updateSlope
            inputResult[2 * hidden + index] = newSlope
            recurrentResult[index] = resetSlope
            recurrentResult[hidden + index] = updateSlope
            recurrentResult[2 * hidden + index] = newSlope * reset
            fromStates[sequence * hidden + index] = slope * update
          }
        }
        let states = fromStates.baseAddress!  // not empty
        layout.stateGradient(ofGates: recurrentGradient, at: time, weights, into: states, accumulating: true)
      }
    }
  }
}
