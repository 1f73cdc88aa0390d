/// The kernel transform of Winograd's F(m × m, 3 × 3): `U = G g Gᵀ`, in double precision.
///
/// The points are 0, ±1, ±2 and infinity for m = 4, and ±1/2 besides for m = 6 (Lavin and Gray, 2016). The data and
/// output transforms that belong to it are in `CKernels/kernels.inc`.
enum WinogradKernel {
  private static let matrix4: [[Double]] = [
    [1.0 / 4, 0, 0],
    [-1.0 / 6, -1.0 / 6, -1.0 / 6],
    [-1.0 / 6, 1.0 / 6, -1.0 / 6],
    [1.0 / 24, 1.0 / 12, 1.0 / 6],
    [1.0 / 24, -1.0 / 12, 1.0 / 6],
    [0, 0, 1],
  ]
  private static let matrix6: [[Double]] = [
    [1, 0, 0],
    [-2.0 / 9, -2.0 / 9, -2.0 / 9],
    [-2.0 / 9, 2.0 / 9, -2.0 / 9],
    [1.0 / 90, 1.0 / 45, 2.0 / 45],
    [1.0 / 90, -1.0 / 45, 2.0 / 45],
    [1.0 / 45, 1.0 / 90, 1.0 / 180],
    [1.0 / 45, -1.0 / 90, 1.0 / 180],
    [0, 0, 1],
  ]

  /// From 3 × 3 taps to (m + 2)² planes.
  static func transform(_ taps: [Double], outputTile: Int) -> [Double] {
    let matrix = outputTile == 4 ? matrix4 : matrix6
    let size = outputTile + 2
    var rows = [Double](repeating: 0, count: size * 3)
    for i in 0..<size {
      for j in 0..<3 {
        rows[i * 3 + j] = (0..<3).reduce(0) { $0 + matrix[i][$1] * taps[$1 * 3 + j] }
      }
    }
    var planes = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<size {
        planes[i * size + j] = (0..<3).reduce(0) { $0 + rows[i * 3 + $1] * matrix[j][$1] }
      }
    }
    return planes
  }
}
