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
  ///   - output: `[rows × columns]`.
  package func rectifyAndNormalize(
    _ values: AlignedBuffer, stride: Int, rows: Int, bias: [Float], normalization: BatchNormalization,
    into output: inout Tensor
  ) {
    let columns = bias.count
    precondition(rows > 0 && (rows - 1) * stride + columns <= values.count && columns == normalization.scale.count)
    precondition(output.values.count == rows * columns)
    functions.pointee.rectify_and_scale(
      values.pointer, stride, Int32(rows), Int32(columns), bias, normalization.scale, normalization.offset,
      &output.values)
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
