internal import FastKernels
internal import NeuralNetwork

/// A temporal layer of MusiCNN, a row (frame) at a time. Its filters span one band, so that a position is a band, and up
/// to 128 frames, so that most rows look beyond the patch.
///
/// A row's sums are kept while it is in the patch. When the patch moves on, only what changes is computed: the products
/// with the frames that came into the row's window are added, and those with the frames that left the patch subtracted.
/// A row lives as long as the patch, so that rounding does not build up.
struct MusiCNNTemporalFilter {
  let filter: MusiCNNFilter
  private let matrix: PackedMatrix
  /// The same with the opposite sign.
  private let negated: PackedMatrix
  /// The sums of the patch's rows, `[rows × positions × channels]`; frame f has the place f mod 187.
  private let sums: AlignedBuffer
  private var rows: [Row]
  private var maxima: [Float]

  private struct Row {
    /// Number of the frame in the stream; -1 for none.
    var frame = -1
    /// Frames whose products the sums hold.
    var covered = 0..<0
  }

  private static let frames = MusiCNNFrontEnd.frameCount

  init(_ filter: MusiCNNFilter, kernels: Kernels) {
    precondition(filter.span == 1)
    self.filter = filter
    matrix = PackedMatrix(depth: filter.taps, columns: filter.channels, kernels: kernels) { tap, channel in
      filter.weight(tap: tap, band: 0, channel: channel)
    }
    negated = PackedMatrix(depth: filter.taps, columns: filter.channels, kernels: kernels) { tap, channel in
      -filter.weight(tap: tap, band: 0, channel: channel)
    }
    sums = AlignedBuffer(count: Self.frames * filter.positions * matrix.paddedColumns)
    rows = Array(repeating: Row(), count: Self.frames)
    maxima = Array(repeating: 0, count: filter.channels)
  }

  /// Forgets everything, before a patch that has nothing in common with the one before.
  mutating func reset() {
    for index in rows.indices { rows[index] = Row() }
  }

  /// Brings the rows of `frontEnd` `[frames × channels of all layers]` up to date.
  ///
  /// - Parameter patch: the frames of the patch.
  mutating func compute(_ patch: BandHistory, into frontEnd: inout [Float]) {
    let channels = frontEnd.count / Self.frames
    for frame in patch.patch {
      let target =
        max(
          patch.patch.lowerBound, frame - filter.tapsBefore)..<min(
          patch.patch.upperBound, frame - filter.tapsBefore + filter.taps)
      let place = frame % Self.frames
      guard rows[place].frame != frame || rows[place].covered != target else { continue }
      update(place, frame, to: target, patch)
      rows[place] = Row(frame: frame, covered: target)
      matrix.maximum(ofRows: filter.positions, of: sums, at: offset(place), into: &maxima)
      filter.write(maxima, from: 0, into: &frontEnd, at: (frame - patch.patch.lowerBound) * channels)
    }
  }

  private func offset(_ place: Int) -> Int { place * filter.positions * matrix.paddedColumns }

  private func update(_ place: Int, _ frame: Int, to target: Range<Int>, _ patch: BandHistory) {
    let covered = rows[place].covered
    let added = max(covered.upperBound, target.lowerBound)..<target.upperBound
    let removed = covered.lowerBound..<max(covered.lowerBound, target.lowerBound)
    let canChange = rows[place].frame == frame && covered.upperBound > target.lowerBound
    guard canChange, removed.lowerBound >= patch.oldest, added.count + removed.count < target.count else {
      multiply(matrix, target, frame, place, patch, accumulating: false)
      return
    }
    if !added.isEmpty { multiply(matrix, added, frame, place, patch, accumulating: true) }
    if !removed.isEmpty { multiply(negated, removed, frame, place, patch, accumulating: true) }
  }

  /// The products of row `frame` with `frames`.
  private func multiply(
    _ matrix: PackedMatrix, _ frames: Range<Int>, _ frame: Int, _ place: Int, _ patch: BandHistory, accumulating: Bool
  ) {
    let firstTap = frames.lowerBound - frame + filter.tapsBefore
    matrix.multiply(
      patch.values, at: patch.offset(of: frames.lowerBound), stride: BandHistory.length, rows: filter.positions,
      depths: firstTap..<firstTap + frames.count, into: sums, at: offset(place), accumulating: accumulating)
  }
}
