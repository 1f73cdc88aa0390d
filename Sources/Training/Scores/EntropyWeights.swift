internal import Glibc

/// One number for each of several models from many of their scores, in which a score counts the more the more the models
/// differ by it: weights by entropy (Shannon, "A mathematical theory of communication", 1948; as weights of criteria:
/// Zeleny, "Multiple criteria decision making", 1982).
///
/// With n models i and scores j, z_ij lies between 0, the worst of the column, and 1, the best: (x - min) / (max - min),
/// or (max - x) / (max - min) for errors. p_ij = z_ij / Σ_i z_ij, E_j = -(1 / ln n) Σ_i p_ij ln p_ij with 0 ln 0 = 0,
/// w_j = (1 - E_j) / Σ_j (1 - E_j), and S_i = Σ_j w_j z_ij.
///
/// It ranks the models of one table and says nothing beyond it: another model changes what is worst and best.
public struct EntropyWeights: Sendable, Equatable {
  /// w_j of each score, which sum to 1, `[scores]`; nil for a column that is left out.
  public let weights: [Double?]
  /// S_i, 0...1, the higher the better, `[models]`.
  public let scores: [Double]

  /// Nil for fewer than two models, and if no column is left. A column is left out in which all models have the same
  /// score, or one has none.
  ///
  /// - Parameters:
  ///   - rows: `[models × scores]`; nil or not finite where a score is undefined.
  ///   - isError: of each score, whether less is better.
  public init?(_ rows: [[Double?]], isError: [Bool]) {
    precondition(rows.allSatisfy { $0.count == isError.count })
    guard rows.count > 1 else { return nil }
    let columns = isError.indices.map { column in Self.normalised(rows.map { $0[column] }, isError: isError[column]) }
    let differences = columns.map { $0.map { 1 - Self.entropy($0) } }
    let sum = differences.reduce(0) { $0 + ($1 ?? 0) }
    guard sum > 0 else { return nil }
    let weights = differences.map { $0.map { $0 / sum } }
    self.weights = weights
    scores = rows.indices.map { row in
      zip(weights, columns).reduce(0) { sum, column in
        guard let weight = column.0, let values = column.1 else { return sum }
        return sum + weight * values[row]
      }
    }
  }

  /// z of a column; nil if it is left out.
  private static func normalised(_ values: [Double?], isError: Bool) -> [Double]? {
    let numbers = values.compactMap { $0 }.filter(\.isFinite)
    guard numbers.count == values.count, let least = numbers.min(), let most = numbers.max() else { return nil }
    let span = most - least
    guard span > 0, span.isFinite else { return nil }
    return numbers.map { (isError ? most - $0 : $0 - least) / span }
  }

  /// E of a column, 0..<1: its least z is 0, so that it is never spread evenly.
  private static func entropy(_ column: [Double]) -> Double {
    let sum = column.reduce(0, +)
    return -column.reduce(0) { entropy, value in
      let share = value / sum
      return share > 0 ? entropy + share * log(share) : entropy
    } / log(Double(column.count))
  }
}
