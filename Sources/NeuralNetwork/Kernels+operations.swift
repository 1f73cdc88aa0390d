internal import CKernels
internal import COpenBLAS
package import FastKernels

extension Kernels {
  /// The output transform of ``ToomCook`` and the maximum over rows in one: for each column the largest value, over
  /// `rows` rows, of each of the four outputs.
  ///
  /// - Parameters:
  ///   - planes: ten planes `[rows × columns]`, `stride` apart.
  ///   - columns: as ``PackedMatrix/paddedColumns`` has it.
  ///   - maxima: `[4 × columns]`.
  package func toomCookMaximum(
    of planes: AlignedBuffer, stride: Int, rows: Int, columns: Int, into maxima: inout [Float]
  ) {
    precondition(rows > 0 && columns % panelWidth == 0 && maxima.count == ToomCook.outputs * columns)
    precondition((ToomCook.planes - 1) * stride + rows * columns <= planes.count)
    functions.pointee.maximum_of_combinations(
      planes.pointer, stride, ToomCook.outputTransform, Int32(rows), Int32(columns), &maxima)
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
