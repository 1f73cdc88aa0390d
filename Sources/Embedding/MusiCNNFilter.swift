internal import NeuralNetwork

/// One of MusiCNN's front-end layers, a row (frame) at a time: convolution, ReLU, batch normalisation, and the maximum
/// over all positions along the bands.
///
/// The maximum is taken first: ReLU and normalisation are monotonic, so they need only be applied to what is left. Where
/// the normalisation turns the order around (a negative scale), the filter is negated before and its maximum after.
struct MusiCNNFilter {
  let channels: Int
  /// Rows of the patch whose window lies wholly in it.
  let innerRows: Range<Int>

  /// Taps in time, and those before the row itself.
  private let taps: Int
  private let tapsBefore: Int
  /// Bands that the filter spans, and places along the bands that it takes.
  private let span: Int
  private let positions: Int
  private let firstChannel: Int
  private let matrix: PackedMatrix
  private let signs: [Float]
  private let bias: [Float]
  private let normalization: BatchNormalization

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let bands = MusiCNNFrontEnd.bandCount

  /// Floats of a row's products.
  var productCount: Int { positions * matrix.paddedColumns }

  init(_ block: MusiCNNNetwork.Block, firstChannel: Int, kernels: Kernels) {
    let shape = block.convolution.kernel.shape
    (taps, span, channels) = (shape[0], shape[1], shape[3])
    tapsBefore = block.convolution.padding.top
    positions = Self.bands - span + 1
    innerRows = tapsBefore..<Self.frames - block.convolution.padding.bottom
    self.firstChannel = firstChannel
    bias = block.convolution.bias
    normalization = block.normalization
    let signs: [Float] = block.normalization.scale.map { $0 < 0 ? -1 : 1 }
    self.signs = signs
    let values = block.convolution.kernel.values
    let columns = channels
    matrix = PackedMatrix(depth: taps * span, columns: columns, kernels: kernels) { row, column in
      values[row * columns + column] * signs[column]
    }
  }

  /// Computes the layer's channels of row `row` into `output` from `offset` on.
  func compute(
    row: Int, byFrame: AlignedBuffer, byBand: AlignedBuffer, product: AlignedBuffer, maxima: inout [Float],
    into output: inout [Float], at offset: Int
  ) {
    // The taps that fall on frames of the patch; beyond it are zeros.
    let used = max(0, tapsBefore - row)..<min(taps, Self.frames - row + tapsBefore)
    let firstFrame = row - tapsBefore + used.lowerBound
    if span == 1 {
      // A position is a band, whose frames lie together.
      matrix.multiply(byBand, at: firstFrame, stride: Self.frames, rows: positions, depths: used, into: product)
    } else {
      // A position is a place in the frame; the windows of neighbours overlap.
      for (index, tap) in used.enumerated() {
        matrix.multiply(
          byFrame, at: (firstFrame + index) * Self.bands, stride: 1, rows: positions,
          depths: tap * span..<(tap + 1) * span, into: product, accumulating: index > 0)
      }
    }
    matrix.maximum(ofRows: positions, of: product, into: &maxima)
    for channel in 0..<channels {
      let value = max(0, maxima[channel] * signs[channel] + bias[channel])
      output[offset + firstChannel + channel] =
        value * normalization.scale[channel] + normalization.offset[channel]
    }
  }
}
