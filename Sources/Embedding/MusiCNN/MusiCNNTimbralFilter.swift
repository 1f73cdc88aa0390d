internal import FastKernels
internal import NeuralNetwork

/// A timbral layer of MusiCNN, four rows (frames) at a time, by Toom-Cook filters in both dimensions: along time seven
/// taps at a time, along the bands each third one. It takes 50 products where the direct way takes 4 × 7 × 9.
///
/// The groups of four begin at every fourth frame of the stream, and a row counts as final once its whole group is: so a
/// row is the same to the bit, however many frames came at once.
struct MusiCNNTimbralFilter {
  let filter: MusiCNNFilter
  private let kernels: Kernels
  /// Taps and positions along the bands of each third, filled up.
  private let depth: Int
  private let inputLength: Int
  /// The transformed taps, `[panels × planes × depth × panel's channels]`.
  private let weights: AlignedBuffer
  /// Ten frames, transformed along time, `[10 × frame]`.
  private let frames: AlignedBuffer
  /// A transformed frame, each third band from the first five on, `[5 × inputLength]`.
  private let thirds: AlignedBuffer
  private let timeTransform: AlignedBuffer
  private let bandTransform: AlignedBuffer
  /// What the products read, `[groups × planes × inputLength]`.
  private let inputs: AlignedBuffer
  private let workspace: AlignedBuffer
  /// `[groups × 4 × padded channels]`
  private let maxima: AlignedBuffer
  private let paddedChannels: Int

  private static let frameCount = MusiCNNFrontEnd.frameCount
  private static let (time, bands) = (ToomCook.alongTime, ToomCook.alongBands)
  private static let planes = time.planes * bands.planes
  /// Groups of four rows: the patch's, and the one at its beginning.
  private static let groups = (frameCount + time.outputs - 1) / time.outputs + 1

  /// Numbers of a frame as this layer reads it: every third band from 0 on, then from 1, then from 2, each with a zero
  /// behind it.
  static let frameLength = bands.outputs * thirdLength
  private static let thirdLength = MusiCNNFrontEnd.bandCount / bands.outputs + 1

  /// Where a band lies in such a frame.
  static func place(ofBand band: Int) -> Int { band % bands.outputs * thirdLength + band / bands.outputs }

  init(_ filter: MusiCNNFilter, kernels: Kernels) {
    precondition(filter.taps == Self.time.taps)
    self.filter = filter
    self.kernels = kernels
    let step = Self.bands.outputs
    depth = (filter.span + step - 1) / step
    inputLength = (filter.positions + step - 1) / step + depth - 1
    let width = kernels.panelWidth
    paddedChannels = (filter.channels + width - 1) / width * width
    weights = Self.transformedTaps(filter, depth: depth, panelWidth: width)
    frames = AlignedBuffer(count: Self.time.planes * Self.frameLength)
    thirds = AlignedBuffer(count: Self.bands.planes * inputLength)
    timeTransform = AlignedBuffer(Self.time.inputTransform.joined().map { Float($0) })
    bandTransform = AlignedBuffer(Self.bands.inputTransform.joined().map { Float($0) })
    inputs = AlignedBuffer(count: Self.groups * Self.planes * inputLength)
    workspace = AlignedBuffer(count: kernels.toomCookWorkspace(positions: filter.positions))
    maxima = AlignedBuffer(count: Self.groups * Self.time.outputs * paddedChannels)
  }

  /// Computes the rows that a patch which moved on by `count` frames does not share with the one before.
  ///
  /// - Parameters:
  ///   - patch: the patch's frames, as ``place(ofBand:)`` has them, `[frames × frameLength]`.
  ///   - first: the patch's first frame, counted in the stream.
  ///   - frontEnd: the channels of all layers.
  func compute(newFrames count: Int, of patch: AlignedBuffer, from first: Int, into frontEnd: PatchRows) {
    let inner = filter.innerRows
    let firstNew = max(inner.lowerBound, inner.upperBound - count)
    let firstGroup = firstNew - (first + firstNew) % Self.time.outputs
    let size = Self.time.outputs
    // The first group has the rows at the patch's beginning, where its border is.
    let groups = 0..<1 + (Self.frameCount - firstGroup + size - 1) / size
    func start(_ group: Int) -> Int { group == 0 ? 0 : firstGroup + (group - 1) * size }
    for group in groups { transform(patch, from: start(group) - filter.tapsBefore, into: group) }
    // A panel's weights stay in the cache for all groups.
    let width = kernels.panelWidth
    for channel in stride(from: 0, to: paddedChannels, by: width) {
      for group in groups {
        kernels.toomCookMaximum(
          inputs, at: group * Self.planes * inputLength, length: inputLength, weights: weights,
          at: channel * Self.planes * depth, positions: filter.positions, depth: depth, workspace: workspace,
          into: maxima, at: group * Self.time.outputs * paddedChannels + channel, stride: paddedChannels)
      }
    }
    for group in groups {
      let start = start(group)
      let end = group == 0 ? inner.lowerBound : min(start + size, Self.frameCount)
      for row in (group == 0 ? 0 : max(start, firstNew))..<end {
        filter.write(maxima, from: (group * size + row - start) * paddedChannels, into: frontEnd, row: row)
      }
    }
  }

  /// Transforms ten frames from `first` on; those outside the patch are zero.
  private func transform(_ patch: AlignedBuffer, from first: Int, into group: Int) {
    let used = max(0, first)..<min(Self.frameCount, first + Self.time.planes)
    kernels.combine(
      patch, at: used.lowerBound * Self.frameLength, stride: Self.frameLength, count: used.count,
      columns: Self.frameLength, weights: timeTransform, at: used.lowerBound - first, stride: Self.time.planes,
      outputs: Self.time.planes, into: frames, at: 0, stride: Self.frameLength)
    for plane in 0..<Self.time.planes {
      // Band 3 n + input for n from 0 on, of each input.
      for input in 0..<Self.bands.planes {
        thirds.copy(
          frames, from: plane * Self.frameLength + Self.place(ofBand: input), to: input * inputLength,
          count: inputLength)
      }
      kernels.combine(
        thirds, at: 0, stride: inputLength, count: Self.bands.planes, columns: inputLength, weights: bandTransform,
        at: 0, stride: Self.bands.planes, outputs: Self.bands.planes, into: inputs,
        at: (group * Self.planes + plane * Self.bands.planes) * inputLength, stride: inputLength)
    }
  }

  private static func transformedTaps(_ filter: MusiCNNFilter, depth: Int, panelWidth width: Int) -> AlignedBuffer {
    let panels = (filter.channels + width - 1) / width
    let transformed = AlignedBuffer(count: panels * planes * depth * width)
    var taps = [Double](repeating: 0, count: time.taps)
    for channel in 0..<filter.channels {
      let panel = channel / width * planes * depth * width + channel % width
      for index in 0..<depth {
        for (band, bandWeights) in bands.tapTransform.enumerated() {
          for tap in taps.indices {
            taps[tap] = 0
            for (third, weight) in bandWeights.enumerated() where bands.taps * index + third < filter.span {
              taps[tap] +=
                weight * Double(filter.weight(tap: tap, band: bands.taps * index + third, channel: channel))
            }
          }
          for (plane, timeWeights) in time.tapTransform.enumerated() {
            var sum = 0.0
            for tap in taps.indices { sum += timeWeights[tap] * taps[tap] }
            transformed[panel + ((plane * bands.planes + band) * depth + index) * width] = Float(sum)
          }
        }
      }
    }
    return transformed
  }
}
