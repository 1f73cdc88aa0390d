internal import CKernels
internal import COpenBLAS
package import FastKernels

extension Kernels {
  /// Weighted sums of rows, as a transform takes them.
  ///
  /// - Parameters:
  ///   - rows: `[count × columns]`, which begins at `offset` and has `stride` from row to row.
  ///   - weights: `[outputs × count]`, which begins at `weightOffset` and has `weightStride` from row to row.
  ///   - sums: `[outputs × columns]`, which begins at `target` and has `sumStride` from row to row.
  package func combine(
    _ rows: AlignedBuffer, at offset: Int, stride: Int, count: Int, columns: Int, weights: AlignedBuffer,
    at weightOffset: Int, stride weightStride: Int, outputs: Int, into sums: AlignedBuffer, at target: Int,
    stride sumStride: Int
  ) {
    precondition(count > 0 && columns > 0 && outputs > 0)
    precondition(offset >= 0 && offset + (count - 1) * stride + columns <= rows.count)
    precondition(weightOffset >= 0 && weightOffset + (outputs - 1) * weightStride + count <= weights.count)
    precondition(target >= 0 && target + (outputs - 1) * sumStride + columns <= sums.count)
    functions.pointee.combine_rows(
      rows.pointer + offset, stride, Int32(count), Int32(columns), weights.pointer + weightOffset, weightStride,
      Int32(outputs), sums.pointer + target, sumStride)
  }

  /// A filter in two dimensions, ``ToomCook/alongTime`` and ``ToomCook/alongBands``, for one panel of channels: the
  /// largest value over all positions along the bands, at each of four frames.
  ///
  /// - Parameters:
  ///   - inputs: `[50 × length]`, the transformed inputs, which begin at `inputOffset`; of each plane one row of
  ///     ceil(positions / 3) + depth - 1 is used.
  ///   - weights: `[50 × depth × panelWidth]`, the transformed taps, which begin at `weightOffset`.
  ///   - workspace: at least ``toomCookWorkspace(positions:)`` numbers.
  ///   - maxima: `[4 × stride]`, which begins at `target`.
  package func toomCookMaximum(
    _ inputs: AlignedBuffer, at inputOffset: Int, length: Int, weights: AlignedBuffer, at weightOffset: Int,
    positions: Int, depth: Int, workspace: AlignedBuffer, into maxima: AlignedBuffer, at target: Int, stride: Int
  ) {
    let planes = ToomCook.alongTime.planes * ToomCook.alongBands.planes
    precondition(positions > 0 && depth > 0 && length >= (positions + 2) / 3 + depth - 1)
    precondition(inputOffset >= 0 && inputOffset + planes * length <= inputs.count)
    precondition(weightOffset >= 0 && weightOffset + planes * depth * panelWidth <= weights.count)
    precondition(workspace.count >= toomCookWorkspace(positions: positions))
    precondition(
      target >= 0 && target + (ToomCook.alongTime.outputs - 1) * stride + panelWidth <= maxima.count)
    functions.pointee.toom_cook_maximum(
      inputs.pointer + inputOffset, length, weights.pointer + weightOffset, Int32(positions), Int32(depth),
      workspace.pointer, maxima.pointer + target, stride)
  }

  /// Numbers that ``toomCookMaximum(_:at:length:weights:at:positions:depth:workspace:into:at:stride:)`` needs.
  package func toomCookWorkspace(positions: Int) -> Int {
    ToomCook.alongTime.planes * ToomCook.alongBands.planes * ((positions + 2) / 3 * panelWidth + 16)
  }

  /// `product = left × right`, or adds it if `accumulating`, and the largest value of each row of what is then there.
  ///
  /// - Parameters:
  ///   - left: `[rows × depth]`, which begins at `leftOffset` and has `stride` from row to row.
  ///   - right: `[depth × columns]` in panels, which begins at `rightOffset`; whole panels.
  ///   - product: `[rows × columns]`, which begins at `productOffset`.
  ///   - maxima: `[rows]`.
  package func multiplyAndMaximum(
    _ left: AlignedBuffer, at leftOffset: Int, stride: Int, rows: Int, _ right: AlignedBuffer, at rightOffset: Int,
    panelStride: Int, columns: Int, depth: Int, into product: AlignedBuffer, at productOffset: Int,
    accumulating: Bool, maxima: AlignedBuffer
  ) {
    precondition(rows > 0 && depth > 0 && columns > 0 && columns % panelWidth == 0 && maxima.count == rows)
    precondition(leftOffset >= 0 && leftOffset + (rows - 1) * stride + depth <= left.count)
    precondition(
      rightOffset >= 0
        && rightOffset + (columns / panelWidth - 1) * panelStride + depth * panelWidth <= right.count)
    precondition(productOffset >= 0 && productOffset + rows * columns <= product.count)
    functions.pointee.multiply_and_maximum(
      left.pointer + leftOffset, stride, right.pointer + rightOffset, panelStride, product.pointer + productOffset,
      columns, Int32(rows), Int32(columns), Int32(depth), accumulating ? 1 : 0, maxima.pointer)
  }

  /// `output = max(0, values + bias) × scale + offset`: ReLU, then batch normalisation.
  ///
  /// - Parameters:
  ///   - values: `[rows × stride]`, of which the first `bias.count` columns are read.
  ///   - output: `[rows × columns]`, which begins at `offset`.
  package func rectifyAndNormalize(
    _ values: AlignedBuffer, stride: Int, rows: Int, bias: [Float], normalization: BatchNormalization,
    into output: AlignedBuffer, at offset: Int
  ) {
    let columns = bias.count
    precondition(rows > 0 && (rows - 1) * stride + columns <= values.count && columns == normalization.scale.count)
    precondition(offset >= 0 && offset + rows * columns <= output.count)
    functions.pointee.rectify_and_scale(
      values.pointer, stride, Int32(rows), Int32(columns), bias, normalization.scale, normalization.offset,
      output.pointer + offset)
  }

  /// Maximum and sum of each column of `rows` rows of `columns`, which begin at `offset`, into the places from `target`
  /// on.
  package func pool(
    _ values: AlignedBuffer, at offset: Int, rows: Int, columns: Int, maxima: AlignedBuffer, sums: AlignedBuffer,
    target: Int
  ) {
    precondition(rows > 0 && offset >= 0 && offset + rows * columns <= values.count)
    precondition(target >= 0 && target + columns <= min(maxima.count, sums.count))
    functions.pointee.maximum_and_sum(
      values.pointer + offset, columns, Int32(rows), Int32(columns), maxima.pointer + target, sums.pointer + target)
  }
}

/// Settings of the library that computes matrix products (OpenBLAS).
public enum MatrixProducts {
  /// Keeps matrix products on the calling thread. The networks here are small, and a thread that waits for another
  /// one has no bounded latency. To be called once, before the first network runs.
  public static func useCallingThreadOnly() {
    openblas_set_num_threads(1)
  }
}
