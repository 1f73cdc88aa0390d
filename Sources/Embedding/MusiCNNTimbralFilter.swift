internal import FastKernels
internal import NeuralNetwork

/// A timbral layer of MusiCNN, four rows (frames) at a time, by a Toom-Cook filter along time: ten products for each
/// position and band instead of 28.
struct MusiCNNTimbralFilter {
  let filter: MusiCNNFilter
  private let kernels: Kernels
  /// For each plane the taps' transform, `[span × channels]`.
  private let matrices: [PackedMatrix]
  /// The transform of ten frames, `[planes × bands]`.
  private let inputs: AlignedBuffer
  /// `[planes × positions × channels]`
  private let products: AlignedBuffer
  private let planeStride: Int
  private var maxima: [Float]

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let bands = MusiCNNFrontEnd.bandCount
  private static let inputTransform = ToomCook.inputTransform.map { $0.map { Float($0) } }

  init(_ filter: MusiCNNFilter, kernels: Kernels) {
    precondition(filter.taps == ToomCook.taps)
    self.filter = filter
    self.kernels = kernels
    matrices = ToomCook.tapTransform.map { weights in
      PackedMatrix(depth: filter.span, columns: filter.channels, kernels: kernels) { band, channel in
        let sum = weights.enumerated().reduce(0.0) {
          $0 + $1.element * Double(filter.weight(tap: $1.offset, band: band, channel: channel))
        }
        return Float(sum)
      }
    }
    let columns = matrices[0].paddedColumns
    inputs = AlignedBuffer(count: ToomCook.planes * Self.bands)
    // Apart by an odd number of cache lines, so that the planes do not meet in the same sets of the cache.
    planeStride = filter.positions * columns + 16
    products = AlignedBuffer(count: ToomCook.planes * planeStride)
    maxima = Array(repeating: 0, count: ToomCook.outputs * columns)
  }

  /// Computes the rows that a patch which moved on by `count` frames does not share with the one before.
  ///
  /// - Parameters:
  ///   - byFrame: the patch, `[frames × bands]`.
  ///   - frontEnd: `[frames × channels of all layers]`.
  mutating func compute(newFrames count: Int, byFrame: AlignedBuffer, into frontEnd: inout [Float]) {
    let inner = filter.innerRows
    let firstNew = max(inner.lowerBound, inner.upperBound - count)
    compute(0..<inner.lowerBound, byFrame, &frontEnd)
    for row in stride(from: firstNew, to: Self.frames, by: ToomCook.outputs) {
      compute(row..<min(row + ToomCook.outputs, Self.frames), byFrame, &frontEnd)
    }
  }

  /// At most four rows.
  private mutating func compute(_ rows: Range<Int>, _ byFrame: AlignedBuffer, _ frontEnd: inout [Float]) {
    transformFrames(from: rows.lowerBound - filter.tapsBefore, byFrame)
    for (plane, matrix) in matrices.enumerated() {
      matrix.multiply(
        inputs, at: plane * Self.bands, stride: 1, rows: filter.positions, depths: 0..<filter.span, into: products,
        at: plane * planeStride)
    }
    let columns = matrices[0].paddedColumns
    kernels.toomCookMaximum(
      of: products, stride: planeStride, rows: filter.positions, columns: columns, into: &maxima)
    let channels = frontEnd.count / Self.frames
    for (index, row) in rows.enumerated() {
      filter.write(maxima, from: index * columns, into: &frontEnd, at: row * channels)
    }
  }

  /// Transforms ten frames from `first` on; those outside the patch are zero.
  private func transformFrames(from first: Int, _ byFrame: AlignedBuffer) {
    let used = max(0, first)..<min(Self.frames, first + ToomCook.planes)
    for (plane, weights) in Self.inputTransform.enumerated() {
      inputs.combine(
        byFrame, rows: used, length: Self.bands, weights: weights[(used.lowerBound - first)...],
        at: plane * Self.bands)
    }
  }
}
