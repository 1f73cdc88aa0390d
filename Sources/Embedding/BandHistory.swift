internal import FastKernels

/// The normalised mel spectrum of the patch and of some frames before it, `[bands × frames]`: a band's frames lie
/// together.
struct BandHistory {
  /// Frames that are held: the patch, and as many before it as a row may still have to subtract.
  static let length = MusiCNNFrontEnd.frameCount + 64

  let values: AlignedBuffer
  /// The frames of the patch, by their number in the stream.
  private(set) var patch = 0..<MusiCNNFrontEnd.frameCount
  /// First frame of the stream.
  private var first = 0

  init() {
    values = AlignedBuffer(count: MusiCNNFrontEnd.bandCount * Self.length)
  }

  /// The oldest frame that is held.
  var oldest: Int { max(first, patch.upperBound - Self.length) }

  /// Where band 0 of a frame lies.
  func offset(of frame: Int) -> Int { frame - (patch.upperBound - Self.length) }

  /// Moves the patch on by `count` frames, whose values follow; with a whole patch, another stream begins.
  mutating func advance(by count: Int) {
    values.shift(by: count)
    patch = patch.lowerBound + count..<patch.upperBound + count
    if count == MusiCNNFrontEnd.frameCount { first = patch.lowerBound }
  }

  /// Sets a value of a frame of the patch.
  func set(_ value: Float, frame: Int, band: Int) {
    values[band * Self.length + offset(of: frame)] = value
  }
}
