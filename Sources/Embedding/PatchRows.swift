internal import FastKernels
internal import NeuralNetwork

/// A layer over MusiCNN's patch, `[187 × channels]`: a row is a frame.
struct PatchRows {
  let channels: Int
  let values: AlignedBuffer

  static let frames = MusiCNNFrontEnd.frameCount

  init(channels: Int) {
    self.channels = channels
    values = AlignedBuffer(count: Self.frames * channels)
  }

  /// Where a row begins.
  func offset(ofRow row: Int) -> Int { row * channels }

  /// Moves the rows on by `count`; the last ones keep their old values.
  func advance(by count: Int) {
    values.move(from: offset(ofRow: count), to: offset(ofRow: 0), count: (Self.frames - count) * channels)
  }

  /// Adds a layer of the same shape.
  func add(_ other: PatchRows) {
    values.add(other.values)
  }

  /// `[187 × 1 × channels]`
  var tensor: Tensor {
    Tensor(
      shape: [Self.frames, 1, channels],
      values: (offset(ofRow: 0)..<offset(ofRow: Self.frames)).map { values[$0] })
  }
}
