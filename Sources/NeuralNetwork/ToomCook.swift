/// Toom and Cook's fast filters (Winograd, "Arithmetic complexity of computations", 1980): F(n, r) computes n outputs of a
/// filter with r taps from n + r - 1 products instead of n r: `y = Aᵀ [(G g) ∘ (Bᵀ d)]`, for n + r - 1 inputs d.
///
/// Row i of `Aᵀ` holds the i-th powers of the points. The kernel for both dimensions at once has it built in.
package struct ToomCook: Sendable {
  /// F(4, 7), for the taps of MusiCNN's timbral filters along time. Of the sets of points that were tried, this one loses
  /// least, about 2e-6 of the largest value in single precision.
  package static let alongTime = ToomCook(outputs: 4, taps: 7, points: [0, 1, -1, 2, -2, 0.5, -0.5, 1.5, -1.5])
  /// F(3, 3), for each third position and tap along the bands.
  package static let alongBands = ToomCook(outputs: 3, taps: 3, points: [0, 1, -1, 2])

  package let outputs: Int
  package let taps: Int
  /// Inputs, and products.
  package var planes: Int { outputs + taps - 1 }
  /// `G`, `[planes × taps]`.
  package let tapTransform: [[Double]]
  /// `Bᵀ`, `[planes × planes]`.
  package let inputTransform: [[Double]]

  /// `Aᵀ`, `[outputs × planes]`.
  package let outputTransform: [[Double]]

  /// - Parameter points: all but infinity, which is the last.
  private init(outputs: Int, taps: Int, points: [Double]) {
    self.outputs = outputs
    self.taps = taps
    let planes = outputs + taps - 1
    precondition(points.count == planes - 1)
    let values = Self.evaluation(at: points, degree: outputs)
    outputTransform = (0..<outputs).map { output in values.map { $0[output] } }
    let inverse = Self.inverted(Self.evaluation(at: points, degree: planes))
    var tapTransform = Self.evaluation(at: points, degree: taps)
    // Each row of the inputs' is scaled by a power of two to a largest weight near 1, and the taps' by its inverse.
    inputTransform = (0..<planes).map { plane in
      let row = (0..<planes).map { inverse[$0][plane] }
      let exponent = (row.map(abs).max() ?? 1).exponent
      let scale = Double(sign: .plus, exponent: Int(exponent), significand: 1)
      tapTransform[plane] = tapTransform[plane].map { $0 * scale }
      return row.map { $0 / scale }
    }
    self.tapTransform = tapTransform
  }

  /// The values of the monomials below `degree` at the points; at infinity only the highest counts.
  private static func evaluation(at points: [Double], degree: Int) -> [[Double]] {
    let finite = points.map { point in
      (0..<degree).reduce(into: [Double]()) { powers, index in powers.append(index == 0 ? 1 : powers[index - 1] * point)
      }
    }
    return finite + [(0..<degree).map { $0 == degree - 1 ? 1 : 0 }]
  }

  /// The inverse of a matrix, by Gauss and Jordan with the largest pivot.
  private static func inverted(_ matrix: [[Double]]) -> [[Double]] {
    let size = matrix.count
    var rows = matrix.enumerated().map { index, row in row + (0..<size).map { $0 == index ? 1 : 0 } }
    for column in 0..<size {
      let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      rows.swapAt(column, pivot)
      let divisor = rows[column][column]
      rows[column] = rows[column].map { $0 / divisor }
      for row in 0..<size where row != column {
        let factor = rows[row][column]
        for index in 0..<2 * size { rows[row][index] -= factor * rows[column][index] }
      }
    }
    return rows.map { Array($0[size...]) }
  }
}
