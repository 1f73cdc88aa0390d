internal import FastKernels
internal import NeuralNetwork

/// A convolution over time of a patch that moves on, seven taps, with zeros before and after the patch and without bias;
/// of some of the patch's channels. Away from the patch's borders a row is the same in every patch, and is kept.
///
/// Four rows at a time, by a ``ToomCook`` filter: 10 products instead of 28. The groups begin at every fourth frame of
/// the stream, and a row counts as final once its whole group is: so it is the same to the bit, however many frames came
/// at once.
struct MovingConvolution {
  /// `[187 × outputStride]`
  let sums: AlignedBuffer
  /// Rows that do not depend on the borders; none at all where they do everywhere.
  let innerRows: Range<Int>
  /// From row to row of the sums.
  var outputStride: Int { matrix.paddedColumns }

  private let kernels: Kernels
  /// Channels of the patch that are read.
  private let inputs: Range<Int>
  /// The transformed taps, `[planes × inputs × outputs]`.
  private let matrix: PackedMatrix
  private let inputTransform: AlignedBuffer
  private let outputTransform: AlignedBuffer
  /// `[planes × groups × inputs]`
  private let transformed: AlignedBuffer
  /// `[groups × planes × outputStride]`
  private let products: AlignedBuffer

  private static let filter = ToomCook.alongTime
  private static let margin = filter.taps / 2
  /// Groups that are worked on together, so that what belongs to them stays in the cache.
  private static let groups = 12

  /// - Parameters:
  ///   - inputs: the channels of the patch that are read.
  ///   - known: the patch's rows that do not depend on its borders.
  init(_ convolution: Convolution, inputs: Range<Int>, of known: Range<Int>, kernels: Kernels) {
    let shape = convolution.kernel.shape
    let (allInputs, outputs) = (shape[2], shape[3])
    precondition(shape[0] == Self.filter.taps && shape[1] == 1)
    self.inputs = inputs
    self.kernels = kernels
    // A row's whole group has to look at known rows only.
    let reach = Self.margin + Self.filter.outputs - 1
    innerRows = known.lowerBound + reach..<max(known.lowerBound, known.upperBound - 2 * reach) + reach
    let kernel = convolution.kernel.values
    matrix = PackedMatrix(depth: Self.filter.planes * inputs.count, columns: outputs, kernels: kernels) { row, output in
      let (plane, input) = (row / inputs.count, inputs.lowerBound + row % inputs.count)
      var sum = 0.0
      for tap in 0..<Self.filter.taps {
        sum += Self.filter.tapTransform[plane][tap] * Double(kernel[(tap * allInputs + input) * outputs + output])
      }
      return Float(sum)
    }
    inputTransform = AlignedBuffer(Self.filter.inputTransform.joined().map { Float($0) })
    outputTransform = AlignedBuffer(Self.filter.outputTransform.joined().map { Float($0) })
    transformed = AlignedBuffer(count: Self.filter.planes * Self.groups * inputs.count)
    products = AlignedBuffer(count: Self.filter.planes * Self.groups * matrix.paddedColumns)
    sums = AlignedBuffer(count: PatchRows.frames * matrix.paddedColumns)
  }

  /// Brings the sums up to date with `patch`, which has moved on by `count` frames.
  ///
  /// - Parameter first: the patch's first frame, counted in the stream.
  func advance(_ patch: PatchRows, from first: Int, newFrames count: Int) {
    sums.shift(by: count * outputStride)
    let firstNew = max(innerRows.lowerBound, innerRows.upperBound - count)
    compute(0..<innerRows.lowerBound, of: patch, from: first)
    compute(firstNew..<PatchRows.frames, of: patch, from: first)
  }

  private func compute(_ rows: Range<Int>, of patch: PatchRows, from first: Int) {
    let size = Self.filter.outputs
    let start = rows.lowerBound - (first + rows.lowerBound) % size
    for start in stride(from: start, to: rows.upperBound, by: Self.groups * size) {
      compute(
        rows.clamped(to: start..<start + Self.groups * size), of: patch, from: start,
        groups: min(Self.groups, (rows.upperBound - start + size - 1) / size))
    }
  }

  /// Computes `rows` out of so many groups, the first of which begins with row `start`.
  private func compute(_ rows: Range<Int>, of patch: PatchRows, from start: Int, groups: Int) {
    let (size, planes) = (Self.filter.outputs, Self.filter.planes)
    for group in 0..<groups {
      let first = start + group * size - Self.margin
      // Outside the patch there are zeros.
      let used = max(0, first)..<min(PatchRows.frames, first + planes)
      kernels.combine(
        patch.values, at: patch.offset(ofRow: used.lowerBound) + inputs.lowerBound, stride: patch.channels,
        count: used.count, columns: inputs.count, weights: inputTransform, at: used.lowerBound - first, stride: planes,
        outputs: planes, into: transformed, at: group * inputs.count, stride: Self.groups * inputs.count)
    }
    for plane in 0..<planes {
      matrix.multiply(
        transformed, at: plane * Self.groups * inputs.count, stride: inputs.count, rows: groups,
        depths: plane * inputs.count..<(plane + 1) * inputs.count, into: products, at: plane * outputStride,
        stride: planes * outputStride)
    }
    for group in 0..<groups {
      let first = start + group * size
      let used = rows.clamped(to: first..<first + size)
      guard !used.isEmpty else { continue }
      kernels.combine(
        products, at: group * planes * outputStride, stride: outputStride, count: planes, columns: outputStride,
        weights: outputTransform, at: (used.lowerBound - first) * planes, stride: planes, outputs: used.count,
        into: sums, at: used.lowerBound * outputStride, stride: outputStride)
    }
  }
}
