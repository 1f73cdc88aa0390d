internal import FastKernels
internal import NeuralNetwork

/// What MusiCNN's front-end layers have in common: after the convolution come ReLU, batch normalisation and the maximum
/// over all positions along the bands.
///
/// The maximum is taken first: ReLU and normalisation are monotonic, so they need only be applied to what is left. Where
/// the normalisation turns the order around (a negative scale), the filter is negated before and its maximum after.
struct MusiCNNFilter {
  let channels: Int
  /// Taps in time, and those before the row itself.
  let taps: Int
  let tapsBefore: Int
  /// Bands that the filter spans, and places along the bands that it takes.
  let span: Int
  let positions: Int
  /// Rows of the patch that are the same in every patch that holds them so far from its borders: their window lies
  /// wholly in the patch, and so does that of the rows that are computed with them.
  let innerRows: Range<Int>

  /// The channels of the front end that are its own.
  var range: Range<Int> { firstChannel..<firstChannel + channels }

  private let firstChannel: Int
  private let kernel: [Float]
  private let signs: [Float]
  private let bias: [Float]
  private let normalization: BatchNormalization

  init(_ block: MusiCNNNetwork.Block, firstChannel: Int) {
    let shape = block.convolution.kernel.shape
    (taps, span, channels) = (shape[0], shape[1], shape[3])
    tapsBefore = block.convolution.padding.top
    positions = MusiCNNFrontEnd.bandCount - span + 1
    let rowsAtOnce = span > 1 ? ToomCook.alongTime.outputs : 1
    innerRows = tapsBefore..<MusiCNNFrontEnd.frameCount - block.convolution.padding.bottom - (rowsAtOnce - 1)
    self.firstChannel = firstChannel
    kernel = block.convolution.kernel.values
    signs = block.normalization.scale.map { $0 < 0 ? -1 : 1 }
    bias = block.convolution.bias
    normalization = block.normalization
  }

  /// The filter's weight, with the sign under which its maximum is taken.
  func weight(tap: Int, band: Int, channel: Int) -> Float {
    kernel[(tap * span + band) * channels + channel] * signs[channel]
  }

  /// Writes the layer's channels into a row of the front end, from the maxima of the convolution, which begin at
  /// `maximaOffset`.
  func write(_ maxima: AlignedBuffer, from maximaOffset: Int, into output: PatchRows, row: Int) {
    let start = output.offset(ofRow: row) + firstChannel
    for channel in 0..<channels {
      let value = max(0, maxima[maximaOffset + channel] * signs[channel] + bias[channel])
      output.values[start + channel] = value * normalization.scale[channel] + normalization.offset[channel]
    }
  }
}
