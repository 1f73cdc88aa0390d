internal import FastKernels
internal import NeuralNetwork

/// A convolution over time of some of a patch's channels, with zeros before and after the patch and without bias.
///
/// The windows of neighbouring rows overlap, so that the input, with its zeros, is its own unfolded matrix. It is worked
/// off a tap at a time: the weights of all taps do not stay in the cache.
struct TimeConvolution {
  /// From row to row of the result.
  var outputStride: Int { matrix.paddedColumns }

  private let taps: Int
  /// Channels of the patch that are read.
  private let inputs: Range<Int>
  private let matrix: PackedMatrix
  /// `[zeros + frames + zeros × inputs]`
  private let padded: AlignedBuffer

  private static let frames = MusiCNNFrontEnd.frameCount

  init(_ convolution: Convolution, inputs: Range<Int>, kernels: Kernels) {
    let shape = convolution.kernel.shape
    let (allInputs, outputs) = (shape[2], shape[3])
    let values = convolution.kernel.values
    taps = shape[0]
    self.inputs = inputs
    matrix = PackedMatrix(depth: taps * inputs.count, columns: outputs, kernels: kernels) { row, column in
      let (tap, input) = (row / inputs.count, inputs.lowerBound + row % inputs.count)
      return values[(tap * allInputs + input) * outputs + column]
    }
    padded = AlignedBuffer(count: (Self.frames + taps - 1) * inputs.count)
  }

  /// Takes the channels of `patch` `[frames × 1 × channels]`.
  func read(_ patch: Tensor) {
    let channels = patch.shape[2]
    for row in 0..<Self.frames {
      let start = row * channels + inputs.lowerBound
      padded.copy(patch.values[start..<start + inputs.count], to: (row + taps / 2) * inputs.count)
    }
  }

  /// Computes `rows` of the result into `sums` `[frames × outputStride]`, or adds them if `accumulating`.
  func apply(to rows: Range<Int>, into sums: AlignedBuffer, accumulating: Bool = false) {
    for tap in 0..<taps {
      matrix.multiply(
        padded, at: (rows.lowerBound + tap) * inputs.count, stride: inputs.count, rows: rows.count,
        depths: tap * inputs.count..<(tap + 1) * inputs.count, into: sums, at: rows.lowerBound * outputStride,
        accumulating: accumulating || tap > 0)
    }
  }
}
