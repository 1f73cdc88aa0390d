internal import FastKernels

/// The normalised mel spectrum of the patch and of some frames before it, `[panels × frames × bands of the panel]`: the
/// right-hand side of the kernels' products.
struct BandHistory {
  /// Frames that are held: the patch, and as many before it as a row may still have to subtract.
  private static let length = MusiCNNFrontEnd.frameCount + 64

  let values: AlignedBuffer
  /// From panel to panel.
  let panelStride: Int
  /// The frames of the patch, by their number in the stream.
  private(set) var patch = 0..<MusiCNNFrontEnd.frameCount
  private let panelWidth: Int

  init(kernels: Kernels) {
    panelWidth = kernels.panelWidth
    precondition(MusiCNNFrontEnd.bandCount % panelWidth == 0)
    panelStride = Self.length * panelWidth
    values = AlignedBuffer(count: Self.length * MusiCNNFrontEnd.bandCount)
  }

  /// The oldest frame that is held.
  var oldest: Int { max(0, patch.upperBound - Self.length) }

  /// Where a frame lies in the first panel.
  func offset(of frame: Int) -> Int { (frame - (patch.upperBound - Self.length)) * panelWidth }

  /// Moves the patch on by `count` frames, whose values follow; with a whole patch, another stream begins.
  mutating func advance(by count: Int) {
    // What moves from a panel into the one before it lies in the new frames.
    values.shift(by: count * panelWidth)
    let first = count == MusiCNNFrontEnd.frameCount ? 0 : patch.lowerBound + count
    patch = first..<first + MusiCNNFrontEnd.frameCount
  }

  /// Sets a value of a frame of the patch.
  func set(_ value: Float, frame: Int, band: Int) {
    values[band / panelWidth * panelStride + offset(of: frame) + band % panelWidth] = value
  }
}
