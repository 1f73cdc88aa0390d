internal import CKernels

/// Toom and Cook's fast filter F(4, 7): four outputs of a filter with seven taps from ten products instead of 28
/// (Winograd, "Arithmetic complexity of computations", 1980): `y = Aᵀ [(G g) ∘ (Bᵀ d)]`, for ten inputs d.
///
/// The points are 0, ±1, ±2, ±1/2, ±3/2 and infinity; of the sets tried they lose least, about 2e-6 of the largest
/// value in single precision.
package enum ToomCook {
  package static let outputs = Int(AFFECTD_TOOM_OUTPUTS)
  package static let taps = 7
  /// Inputs, and products.
  package static let planes = Int(AFFECTD_TOOM_PLANES)

  private static let points: [Double] = [0, 1, -1, 2, -2, 0.5, -0.5, 1.5, -1.5]

  /// `G`, `[planes × taps]`.
  package static let tapTransform: [[Double]] = scaled.taps
  /// `Bᵀ`, `[planes × planes]`.
  package static let inputTransform: [[Double]] = scaled.inputs
  /// `Aᵀ`, `[outputs × planes]`, row after row.
  package static let outputTransform: [Float] = {
    let values = evaluation(degree: outputs)
    return (0..<outputs).flatMap { output in values.map { Float($0[output]) } }
  }()

  /// The values of the monomials below `degree` at the points; at infinity only the highest counts.
  private static func evaluation(degree: Int) -> [[Double]] {
    let finite = points.map { point in
      (0..<degree).reduce(into: [Double]()) { powers, index in powers.append(index == 0 ? 1 : powers[index - 1] * point)
      }
    }
    return finite + [(0..<degree).map { $0 == degree - 1 ? 1 : 0 }]
  }

  /// Both transforms, each row of the inputs' scaled by a power of two to a largest weight near 1, and the taps' by its
  /// inverse.
  private static let scaled: (taps: [[Double]], inputs: [[Double]]) = {
    let inverse = inverted(evaluation(degree: planes))
    var (taps, inputs) = (evaluation(degree: ToomCook.taps), evaluation(degree: planes))
    for plane in 0..<planes {
      let row = (0..<planes).map { inverse[$0][plane] }
      let exponent = (row.map(abs).max() ?? 1).exponent
      let scale = Double(sign: .plus, exponent: Int(exponent), significand: 1)
      inputs[plane] = row.map { $0 / scale }
      taps[plane] = taps[plane].map { $0 * scale }
    }
    return (taps, inputs)
  }()

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
