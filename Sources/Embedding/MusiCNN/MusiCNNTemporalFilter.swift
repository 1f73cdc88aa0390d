internal import FastKernels
internal import NeuralNetwork

/// A temporal layer of MusiCNN, a row (frame) at a time. Its filters span one band, so that a position is a band, and up
/// to 128 frames, so that most rows look beyond the patch.
///
/// A row's sums are kept while it is in the patch. When the patch moves on, only what changes is computed: the products
/// with the frames that came into the row's window are added, and those with the frames that left the patch subtracted.
/// A row lives as long as the patch, so that rounding does not build up. A row's sums are always formed in the order of
/// its frames: however many frames came at once, as long as those that left are still held, they are the same to the bit.
struct MusiCNNTemporalFilter {
  let filter: MusiCNNFilter
  private let kernels: Kernels
  /// `[channels × taps]`
  private let weights: AlignedBuffer
  /// The same with the opposite sign.
  private let negated: AlignedBuffer
  /// The sums of the patch's rows, `[rows × channels × bands]`; frame f has the place f mod 187.
  private let sums: AlignedBuffer
  private var rows: [Row]
  private let maxima: AlignedBuffer

  private struct Row {
    /// Number of the frame in the stream; -1 for none.
    var frame = -1
    /// Frames whose products the sums hold.
    var covered = 0..<0
  }

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let bands = MusiCNNFrontEnd.bandCount

  init(_ filter: MusiCNNFilter, kernels: Kernels) {
    precondition(filter.span == 1)
    self.filter = filter
    self.kernels = kernels
    weights = AlignedBuffer(count: filter.channels * filter.taps)
    negated = AlignedBuffer(count: weights.count)
    for channel in 0..<filter.channels {
      for tap in 0..<filter.taps {
        let weight = filter.weight(tap: tap, band: 0, channel: channel)
        weights[channel * filter.taps + tap] = weight
        negated[channel * filter.taps + tap] = -weight
      }
    }
    sums = AlignedBuffer(count: Self.frames * filter.channels * Self.bands)
    rows = Array(repeating: Row(), count: Self.frames)
    maxima = AlignedBuffer(count: filter.channels)
  }

  /// Forgets everything, before a patch that has nothing in common with the one before.
  mutating func reset() {
    for index in rows.indices { rows[index] = Row() }
  }

  /// Brings the rows of `frontEnd`, with the channels of all layers, up to date.
  ///
  /// - Parameter patch: the frames of the patch.
  mutating func compute(_ patch: BandHistory, into frontEnd: PatchRows) {
    for frame in patch.patch {
      let target =
        max(
          patch.patch.lowerBound, frame - filter.tapsBefore)..<min(
          patch.patch.upperBound, frame - filter.tapsBefore + filter.taps)
      let place = frame % Self.frames
      guard rows[place].frame != frame || rows[place].covered != target else { continue }
      update(place, frame, to: target, patch)
      rows[place] = Row(frame: frame, covered: target)
      filter.write(maxima, from: 0, into: frontEnd, row: frame - patch.patch.lowerBound)
    }
  }

  private func update(_ place: Int, _ frame: Int, to target: Range<Int>, _ patch: BandHistory) {
    let covered = rows[place].covered
    let added = max(covered.upperBound, target.lowerBound)..<target.upperBound
    let removed = covered.lowerBound..<max(covered.lowerBound, target.lowerBound)
    let canChange = rows[place].frame == frame && covered.upperBound > target.lowerBound
    guard canChange, removed.lowerBound >= patch.oldest else {
      multiply(weights, target, frame, place, patch, accumulating: false)
      return
    }
    if !added.isEmpty { multiply(weights, added, frame, place, patch, accumulating: true) }
    if !removed.isEmpty { multiply(negated, removed, frame, place, patch, accumulating: true) }
  }

  /// The products of row `frame` with `frames`, and the largest sum of each channel.
  private func multiply(
    _ weights: AlignedBuffer, _ frames: Range<Int>, _ frame: Int, _ place: Int, _ patch: BandHistory,
    accumulating: Bool
  ) {
    kernels.multiplyAndMaximum(
      weights, at: frames.lowerBound - frame + filter.tapsBefore, stride: filter.taps, rows: filter.channels,
      patch.values, at: patch.offset(of: frames.lowerBound), panelStride: patch.panelStride, columns: Self.bands,
      depth: frames.count, into: sums, at: place * filter.channels * Self.bands, accumulating: accumulating,
      maxima: maxima)
  }
}
