extension Variable {
  /// A convolution (correlation, as networks have it) along time with zeros around, so that the length stays; with an
  /// even number of taps the odd zero comes after. `[batch × time × in]` becomes `[batch × time × out]`.
  ///
  /// - Parameters:
  ///   - kernel: `[taps × in × out]`
  ///   - bias: `[out]`
  public func convolved(kernel: Variable, bias: Variable?) -> Variable {
    precondition(shape.count == 3 && kernel.shape.count == 3 && kernel.shape[1] == shape[2])
    let layout = TapLayout(input: shape, kernel: kernel.shape)
    precondition(bias.map { $0.shape == [layout.outputs] } ?? true)
    let input = value
    // Input first: one matrix product then gives what every tap makes of an input row.
    let weights = layout.inputFirst(kernel.value)
    let output = DenseTensor<Scalar>(shape: [layout.batch, layout.time, layout.outputs]) { output in
      layout.convolve(input, weights, bias?.value, into: output)
    }
    return Variable(output, from: [self, kernel] + (bias.map { [$0] } ?? [])) { gradient in
      layout.addGradients(
        gradient, input: input, weights: weights,
        intoInput: self.needsGradient ? self : nil, intoKernel: kernel.needsGradient ? kernel : nil)
      bias?.withGradient { gradient.addRowSums(to: $0) }
    }
  }
}

/// The convolution as matrix products. An input row takes part in as many outputs as there are taps: the products of a
/// chunk of rows with all taps are computed at once, `[rows × (taps × out)]`, then added where they belong. Unfolding
/// the outputs and not the inputs keeps memory traffic low where there are fewer outputs than inputs.
private struct TapLayout {
  let batch, time, inputs, taps, outputs: Int

  init(input: [Int], kernel: [Int]) {
    (batch, time, inputs, taps, outputs) = (input[0], input[1], input[2], kernel[0], kernel[2])
  }

  private var width: Int { taps * outputs }

  /// Sequences whose unfolded outputs are worked on at once: about a core's second-level cache.
  private var sequencesPerChunk: Int { min(batch, max(1, (1 << 19) / (time * width))) }

  /// `[taps × in × out]` to `[in × taps × out]`.
  func inputFirst<Scalar: TrainingScalar>(_ kernel: DenseTensor<Scalar>) -> DenseTensor<Scalar> {
    DenseTensor(shape: [inputs, taps, outputs]) { result in
      kernel.withPointer { kernel in
        for tap in 0..<taps {
          for input in 0..<inputs {
            (result + (input * taps + tap) * outputs).update(
              from: kernel + (tap * inputs + input) * outputs, count: outputs)
          }
        }
      }
    }
  }

  /// `body` for each chunk of sequences: their range.
  private func forEachChunk(_ body: (Range<Int>) -> Void) {
    for first in stride(from: 0, to: batch, by: sequencesPerChunk) {
      body(first..<min(batch, first + sequencesPerChunk))
    }
  }

  /// The range of output times to which `tap` contributes, and how far the input lies ahead of the output.
  private func reach(of tap: Int) -> (outputs: Range<Int>, offset: Int) {
    let offset = tap - (taps - 1) / 2
    let lower = min(time, max(0, -offset))
    return (lower..<max(lower, min(time, time - offset)), offset)
  }

  func convolve<Scalar: TrainingScalar>(
    _ input: DenseTensor<Scalar>, _ weights: DenseTensor<Scalar>, _ bias: DenseTensor<Scalar>?,
    into output: UnsafeMutablePointer<Scalar>
  ) {
    if let bias {
      bias.repeatRows(batch * time, into: output)
    } else {
      output.update(repeating: 0, count: batch * time * outputs)
    }
    var unfolded = [Scalar](repeating: 0, count: sequencesPerChunk * time * width)
    input.withPointer { input in
      unfolded.withUnsafeMutableBufferPointer { unfolded in
        let unfolded = unfolded.baseAddress!  // not empty
        forEachChunk { sequences in
          Scalar.multiply(
            input + sequences.lowerBound * time * inputs, stride: inputs, transposingLeft: false,
            weights.values, stride: width, transposingRight: false,
            rows: sequences.count * time, columns: width, depth: inputs, factor: 1,
            into: unfolded, stride: width, accumulating: false)
          for sequence in sequences {
            fold(
              unfolded + (sequence - sequences.lowerBound) * time * width, into: output + sequence * time * outputs)
          }
        }
      }
    }
  }

  /// Adds the products `[time × taps × out]` of a sequence to its output `[time × out]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func fold<Scalar: TrainingScalar>(
    _ unfolded: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>
  ) {
    for tap in 0..<taps {
      let (times, offset) = reach(of: tap)
      for position in times {
        let source = unfolded + ((position + offset) * taps + tap) * outputs
        let target = output + position * outputs
        for index in 0..<outputs { target[index] += source[index] }
      }
    }
  }

  /// The transpose of ``fold``: what the gradient of the output says of each product.
  private func unfold<Scalar: TrainingScalar>(
    _ gradient: UnsafePointer<Scalar>, into unfolded: UnsafeMutablePointer<Scalar>
  ) {
    unfolded.update(repeating: 0, count: time * width)
    for tap in 0..<taps {
      let (times, offset) = reach(of: tap)
      for position in times {
        (unfolded + ((position + offset) * taps + tap) * outputs).update(
          from: gradient + position * outputs, count: outputs)
      }
    }
  }

  func addGradients<Scalar: TrainingScalar>(
    _ gradient: DenseTensor<Scalar>, input: DenseTensor<Scalar>, weights: DenseTensor<Scalar>,
    intoInput inputVariable: Variable<Scalar>?, intoKernel kernelVariable: Variable<Scalar>?
  ) {
    var unfolded = [Scalar](repeating: 0, count: sequencesPerChunk * time * width)
    var weightGradient = DenseTensor<Scalar>(zeros: [inputs, taps, outputs])
    forEachChunk { sequences in
      let rows = sequences.count * time
      let first = sequences.lowerBound * time
      gradient.withPointer { gradient in
        unfolded.withUnsafeMutableBufferPointer { unfolded in
          for sequence in sequences {
            unfold(
              gradient + sequence * time * outputs,
              into: unfolded.baseAddress! + (sequence - sequences.lowerBound) * time * width)  // not empty
          }
        }
      }
      input.withPointer { input in
        if kernelVariable != nil {
          weightGradient.withMutablePointer { weightGradient in
            Scalar.multiply(
              input + first * inputs, stride: inputs, transposingLeft: true,
              unfolded, stride: width, transposingRight: false,
              rows: inputs, columns: width, depth: rows, factor: 1,
              into: weightGradient, stride: width, accumulating: true)
          }
        }
        inputVariable?.withGradient { inputGradient in
          Scalar.multiply(
            unfolded, stride: width, transposingLeft: false, weights.values, stride: width, transposingRight: true,
            rows: rows, columns: inputs, depth: width, factor: 1,
            into: inputGradient + first * inputs, stride: inputs, accumulating: true)
        }
      }
    }
    kernelVariable?.withGradient { kernelGradient in
      addTapFirst(weightGradient, to: kernelGradient)
    }
  }

  /// Adds `[in × taps × out]` to `[taps × in × out]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func addTapFirst<Scalar: TrainingScalar>(
    _ weightGradient: DenseTensor<Scalar>, to kernelGradient: UnsafeMutablePointer<Scalar>
  ) {
    weightGradient.withPointer { weightGradient in
      for input in 0..<inputs {
        for tap in 0..<taps {
          let source = weightGradient + (input * taps + tap) * outputs
          let target = kernelGradient + (tap * inputs + input) * outputs
          for index in 0..<outputs { target[index] += source[index] }
        }
      }
    }
  }
}
