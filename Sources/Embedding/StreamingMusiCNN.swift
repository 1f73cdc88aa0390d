package import FastKernels
internal import NeuralNetwork

/// MusiCNN over a patch that moves along: what the patches have in common is computed once.
///
/// Up to its pooling the network is local in time, so a row (frame) of a layer is the same in every patch that holds all
/// the frames it looks at. Such *inner* rows are kept and move with the patch. Rows near the patch's borders look beyond
/// them, where the network sees zeros, and are computed anew each time. The result is that of ``MusiCNNNetwork``, except
/// for rounding.
package final class StreamingMusiCNN {
  /// `[200]`
  package private(set) var embedding: [Float]

  /// The patch, normalised, as the temporal filters read it.
  private var byBand = BandHistory()
  /// The patch, normalised, `[frames × bands]`, as the timbral filters read it.
  private let byFrame: AlignedBuffer
  private let inputNormalization: BatchNormalization
  private var timbral: [MusiCNNTimbralFilter]
  private var temporal: [MusiCNNTemporalFilter]
  private var frontEnd: Tensor
  private var backEnd: MusiCNNBackEnd

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let bands = MusiCNNFrontEnd.bandCount

  package init(_ network: MusiCNNNetwork, kernels: Kernels = .standard) {
    inputNormalization = network.inputNormalization
    var channel = 0
    let filters = network.frontEnd.map { block in
      defer { channel += block.convolution.bias.count }
      return MusiCNNFilter(block, firstChannel: channel)
    }
    timbral = filters.filter { $0.span > 1 }.map { MusiCNNTimbralFilter($0, kernels: kernels) }
    temporal = filters.filter { $0.span == 1 }.map { MusiCNNTemporalFilter($0, kernels: kernels) }
    byFrame = AlignedBuffer(count: Self.frames * Self.bands)
    frontEnd = Tensor(zeros: [Self.frames, 1, channel])
    let timbralChannels = filters.filter { $0.span > 1 }.map(\.channels).reduce(0, +)
    backEnd = MusiCNNBackEnd(network, timbralChannels: timbralChannels, kernels: kernels)
    embedding = Array(repeating: 0, count: MusiCNNNetwork.embeddingSize)
  }

  /// Moves the patch on by `count` frames, 1 to 187.
  ///
  /// - Parameter mel: the new frames, `[count × 96]`, oldest first. With 187 of them nothing of the patch before is left.
  package func advance(by count: Int, mel: Span<Float>) {
    precondition((1...Self.frames).contains(count) && mel.count == count * Self.bands)
    append(mel, count: count)
    if count == Self.frames {
      for index in temporal.indices { temporal[index].reset() }
    }
    // Whole rows move, inner and outer ones; the outer ones are overwritten.
    frontEnd.shiftRows(by: count)
    frontEnd.fill { rows in
      for index in timbral.indices { timbral[index].compute(newFrames: count, byFrame: byFrame, into: &rows) }
      for index in temporal.indices { temporal[index].compute(byBand, into: &rows) }
    }
    backEnd.evaluate(frontEnd, newFrames: count, into: &embedding)
  }

  private func append(_ mel: Span<Float>, count: Int) {
    byFrame.shift(by: count * Self.bands)
    byBand.advance(by: count)
    let (scale, offset) = (inputNormalization.scale[0], inputNormalization.offset[0])
    for frame in 0..<count {
      let row = Self.frames - count + frame
      for band in 0..<Self.bands {
        let value = mel[frame * Self.bands + band] * scale + offset
        byFrame[row * Self.bands + band] = value
        byBand.set(value, frame: byBand.patch.upperBound - count + frame, band: band)
      }
    }
  }
}
