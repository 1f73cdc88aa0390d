internal import FastKernels
internal import NeuralNetwork

/// MusiCNN's front end over a patch that moves along, see ``StreamingMusiCNN``: from the spectrogram to the timbral and
/// temporal channels.
struct StreamingMusiCNNFrontEnd {
  /// Timbral A and B, temporal 1, 2 and 3 side by side: 561 channels.
  let output: PatchRows
  /// Which channels are of one kind, and the rows in which they do not depend on the patch's borders.
  let parts: [Part]

  /// The patch's first frame, counted in the stream.
  var firstFrame: Int { byBand.patch.lowerBound }

  struct Part {
    var channels: Range<Int>
    let innerRows: Range<Int>
  }

  /// The patch, normalised, as the temporal filters read it.
  private var byBand: BandHistory
  /// The patch, normalised, `[frames × frameLength]`, as the timbral filters read it.
  private let byFrame: AlignedBuffer
  private let inputNormalization: BatchNormalization
  private let timbral: [MusiCNNTimbralFilter]
  private var temporal: [MusiCNNTemporalFilter]

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let bands = MusiCNNFrontEnd.bandCount

  init(_ network: MusiCNNNetwork, kernels: Kernels) {
    inputNormalization = network.inputNormalization
    byBand = BandHistory(kernels: kernels)
    var channel = 0
    let filters = network.frontEnd.map { block in
      defer { channel += block.convolution.bias.count }
      return MusiCNNFilter(block, firstChannel: channel)
    }
    timbral = filters.filter { $0.span > 1 }.map { MusiCNNTimbralFilter($0, kernels: kernels) }
    temporal = filters.filter { $0.span == 1 }.map { MusiCNNTemporalFilter($0, kernels: kernels) }
    parts = filters.reduce(into: []) { parts, filter in
      if let last = parts.last, last.innerRows == filter.innerRows {
        parts[parts.count - 1].channels = last.channels.lowerBound..<filter.range.upperBound
      } else {
        parts.append(Part(channels: filter.range, innerRows: filter.innerRows))
      }
    }
    byFrame = AlignedBuffer(count: Self.frames * MusiCNNTimbralFilter.frameLength)
    output = PatchRows(channels: channel)
  }

  /// Moves the patch on by `count` frames, 1 to 187.
  ///
  /// - Parameter mel: the new frames, `[count × 96]`, oldest first. With 187 of them nothing of the patch before is left.
  mutating func advance(by count: Int, mel: Span<Float>) {
    precondition((1...Self.frames).contains(count) && mel.count == count * Self.bands)
    append(mel, count: count)
    if count == Self.frames {
      for index in temporal.indices { temporal[index].reset() }
    }
    // Whole rows move, inner and outer ones; the outer ones are overwritten.
    output.advance(by: count)
    for filter in timbral {
      filter.compute(newFrames: count, of: byFrame, from: firstFrame, into: output)
    }
    for index in temporal.indices { temporal[index].compute(byBand, into: output) }
  }

  private mutating func append(_ mel: Span<Float>, count: Int) {
    byFrame.shift(by: count * MusiCNNTimbralFilter.frameLength)
    byBand.advance(by: count)
    let (scale, offset) = (inputNormalization.scale[0], inputNormalization.offset[0])
    for frame in 0..<count {
      let row = Self.frames - count + frame
      for band in 0..<Self.bands {
        let value = mel[frame * Self.bands + band] * scale + offset
        byFrame[row * MusiCNNTimbralFilter.frameLength + MusiCNNTimbralFilter.place(ofBand: band)] = value
        byBand.set(value, frame: byBand.patch.upperBound - count + frame, band: band)
      }
    }
  }
}
