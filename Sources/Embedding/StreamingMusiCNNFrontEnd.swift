internal import FastKernels
internal import NeuralNetwork

/// MusiCNN's front end over a patch that moves along, see ``StreamingMusiCNN``: from the spectrogram to the timbral and
/// temporal channels.
struct StreamingMusiCNNFrontEnd {
  /// Timbral A and B, temporal 1, 2 and 3 side by side: 561 channels.
  let output: PatchRows
  /// Which channels are of one kind, and the rows in which they do not depend on the patch's borders.
  let parts: [Part]

  struct Part {
    var channels: Range<Int>
    let innerRows: Range<Int>
  }

  /// The patch, normalised, as the temporal filters read it.
  private var byBand = BandHistory()
  /// The patch, normalised, `[frames × bands]`, as the timbral filters read it.
  private let byFrame: AlignedBuffer
  private let inputNormalization: BatchNormalization
  private var timbral: [MusiCNNTimbralFilter]
  private var temporal: [MusiCNNTemporalFilter]

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let bands = MusiCNNFrontEnd.bandCount

  init(_ network: MusiCNNNetwork, kernels: Kernels) {
    inputNormalization = network.inputNormalization
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
    byFrame = AlignedBuffer(count: Self.frames * Self.bands)
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
    for index in timbral.indices { timbral[index].compute(newFrames: count, byFrame: byFrame, into: output) }
    for index in temporal.indices { temporal[index].compute(byBand, into: output) }
  }

  private mutating func append(_ mel: Span<Float>, count: Int) {
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
  ///   - frontEnd: the channels of all layers.
  mutating func compute(newFrames count: Int, byFrame: AlignedBuffer, into frontEnd: PatchRows) {
    let inner = filter.innerRows
    let firstNew = max(inner.lowerBound, inner.upperBound - count)
    compute(0..<inner.lowerBound, byFrame, frontEnd)
    for row in stride(from: firstNew, to: Self.frames, by: ToomCook.outputs) {
      compute(row..<min(row + ToomCook.outputs, Self.frames), byFrame, frontEnd)
    }
  }

  /// At most four rows.
  private mutating func compute(_ rows: Range<Int>, _ byFrame: AlignedBuffer, _ frontEnd: PatchRows) {
    transformFrames(from: rows.lowerBound - filter.tapsBefore, byFrame)
    for (plane, matrix) in matrices.enumerated() {
      matrix.multiply(
        inputs, at: plane * Self.bands, stride: 1, rows: filter.positions, depths: 0..<filter.span, into: products,
        at: plane * planeStride)
    }
    let columns = matrices[0].paddedColumns
    kernels.toomCookMaximum(
      of: products, stride: planeStride, rows: filter.positions, columns: columns, into: &maxima)
    for (index, row) in rows.enumerated() { filter.write(maxima, from: index * columns, into: frontEnd, row: row) }
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
      matrix.maximum(ofRows: filter.positions, of: sums, at: offset(place), into: &maxima)
      filter.write(maxima, from: 0, into: frontEnd, row: frame - patch.patch.lowerBound)
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
  /// Rows of the patch whose window lies wholly in it.
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
    innerRows = tapsBefore..<MusiCNNFrontEnd.frameCount - block.convolution.padding.bottom
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
  func write(_ maxima: [Float], from maximaOffset: Int, into output: PatchRows, row: Int) {
    let start = output.offset(ofRow: row) + firstChannel
    for channel in 0..<channels {
      let value = max(0, maxima[maximaOffset + channel] * signs[channel] + bias[channel])
      output.values[start + channel] = value * normalization.scale[channel] + normalization.offset[channel]
    }
  }
}
