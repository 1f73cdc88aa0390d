internal import CKernels
package import FastKernels

/// The right-hand side of a matrix product, `[depth × columns]`, packed once into the panels that the kernels read from
/// front to back: so many columns each, the last filled up with zeros.
package struct PackedMatrix: Sendable {
  package let depth: Int
  package let columns: Int
  private let kernels: Kernels
  private let panels: AlignedBuffer

  /// ``columns`` with the zeros that fill the last panel.
  package var paddedColumns: Int { (columns + kernels.panelWidth - 1) / kernels.panelWidth * kernels.panelWidth }

  /// - Parameter element: the matrix, by row and column.
  package init(depth: Int, columns: Int, kernels: Kernels, element: (_ row: Int, _ column: Int) -> Float) {
    self.depth = depth
    self.columns = columns
    self.kernels = kernels
    let width = kernels.panelWidth
    panels = AlignedBuffer(count: (columns + width - 1) / width * width * depth)
    for column in 0..<columns {
      let panel = panels.pointer + column / width * width * depth
      for row in 0..<depth { panel[row * width + column % width] = element(row, column) }
    }
  }

  /// `product = left × matrix` for the columns in `range`, which begins at a multiple of the panel width. `left` is
  /// `[rows × depth]`, `product` `[rows × range]`, each with a stride from row to row.
  func multiply(
    _ left: UnsafePointer<Float>, stride leftStride: Int, rows: Int, columns range: Range<Int>,
    into product: UnsafeMutablePointer<Float>, stride productStride: Int
  ) {
    kernels.functions.pointee.multiply(
      left, leftStride, panels.pointer + range.lowerBound * depth, depth * kernels.panelWidth, product, productStride,
      Int32(rows), Int32(range.count), Int32(depth), 0)
  }

  /// `product = left × part` for the rows of the matrix in `depths`, or adds it if `accumulating`; all columns, and the
  /// zeros behind them.
  ///
  /// - Parameters:
  ///   - left: `[rows × depths]`, which begins at `offset` and has `stride` from row to row; rows may overlap.
  ///   - product: `[rows × paddedColumns]`, which begins at `productOffset` and has `productStride` from row to row,
  ///     `paddedColumns` if nil.
  package func multiply(
    _ left: AlignedBuffer, at offset: Int, stride: Int, rows: Int, depths: Range<Int>, into product: AlignedBuffer,
    at productOffset: Int = 0, stride productStride: Int? = nil, accumulating: Bool = false
  ) {
    precondition(offset >= 0 && offset + (rows - 1) * stride + depths.count <= left.count)
    let productStride = productStride ?? paddedColumns
    precondition(productStride >= paddedColumns)
    precondition(
      rows > 0 && productOffset >= 0 && productOffset + (rows - 1) * productStride + paddedColumns <= product.count)
    precondition(depths.lowerBound >= 0 && depths.upperBound <= depth)
    let width = kernels.panelWidth
    kernels.functions.pointee.multiply(
      left.pointer + offset, stride, panels.pointer + depths.lowerBound * width, depth * width,
      product.pointer + productOffset, productStride, Int32(rows), Int32(paddedColumns), Int32(depths.count),
      accumulating ? 1 : 0)
  }
}
