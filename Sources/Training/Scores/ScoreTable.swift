internal import Affect

/// The scores of some models as text, a line for each model.
public struct ScoreTable: Sendable {
  public struct Row: Sendable {
    public let model: String
    public let scores: Scores
    /// Shown beside the correlation; nil if they are unknown.
    public let intervals: ScoreIntervals?

    public init(model: String, scores: Scores, intervals: ScoreIntervals? = nil) {
      self.model = model
      self.scores = scores
      self.intervals = intervals
    }
  }

  private let rows: [Row]

  public init(_ rows: [Row]) {
    self.rows = rows
  }

  /// The main table: over the frames of all songs, valence before arousal. Correlations have their 95 % intervals.
  public var lines: [String] {
    table { row in
      var fields: [(column: String, text: String)] = []
      for dimension in Dimension.allCases {
        let correlation = row.scores[dimension].correlation
        fields.append(
          ("r \(dimension.rawValue)", NumberText.fixed(correlation, row.intervals?[dimension].correlation, 2)))
      }
      func add(_ name: String, _ score: (DimensionScores) -> Double?) {
        for dimension in Dimension.allCases {
          fields.append(
            ("\(name) \(dimension.rawValue.prefix(1))", NumberText.fixed(score(row.scores[dimension]), 3)))
        }
      }
      add("CCC", \.concordance)
      add("RMSE", \.rootMeanSquareError)
      add("MAE", \.meanAbsoluteError)
      add("R²", \.determination)
      fields.append(("quadrant", NumberText.fixed(row.scores.quadrantAccuracy, 3)))
      fields.append(("F1", NumberText.fixed(row.scores.quadrantMacroF1, 3)))
      return fields
    }
  }

  /// The table by song: mean ± standard deviation over songs of each song's own scores, then the correlation of the
  /// song means. The within-song correlation names the songs in which it is defined.
  public var songLines: [String] {
    table { row in
      var fields: [(column: String, text: String)] = []
      func add(_ name: String, _ score: (DimensionScores) -> String) {
        for dimension in Dimension.allCases {
          fields.append(("\(name) \(dimension.rawValue.prefix(1))", score(row.scores[dimension])))
        }
      }
      add("song RMSE") { NumberText.fixed($0.songRootMeanSquareError, 3) }
      add("within-song r") { scores in
        let defined = scores.withinSongCorrelation?.count ?? 0
        return "\(NumberText.fixed(scores.withinSongCorrelation, 2)) (\(defined) of \(row.scores.songCount))"
      }
      add("song-mean r") { NumberText.fixed($0.songMeanCorrelation, 3) }
      return fields
    }
  }

  /// A table of the models and the fields that `describe` gives, which have the same columns for every row.
  private func table(_ describe: (Row) -> [(column: String, text: String)]) -> [String] {
    let fields = rows.map(describe)
    guard let columns = fields.first?.map(\.column) else { return [] }
    return TextTable(
      columns: ["model"] + columns, rows: zip(rows, fields).map { [$0.model] + $1.map(\.text) }
    ).lines
  }
}

/// A plain-text table: the first column to the left, the others to the right, each as wide as it needs.
struct TextTable {
  private let rows: [[String]]

  /// - Precondition: each row has as many fields as there are columns.
  init(columns: [String], rows: [[String]]) {
    precondition(rows.allSatisfy { $0.count == columns.count })
    self.rows = [columns] + rows
  }

  /// The names of the columns, then the rows.
  var lines: [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated()
        .map { column, field in
          let space = String(repeating: " ", count: field.1 - field.0.count)
          return column == 0 ? field.0 + space : space + field.0
        }
        .joined(separator: "  ")
    }
  }
}

/// Numbers as people read them in tables.
package enum NumberText {
  /// Stands for what is undefined.
  static let undefined = "–"

  /// `value` with `digits` digits after the decimal point; ``undefined`` for nil and what is not finite.
  package static func fixed(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return undefined }
    return value.fixed(digits)
  }

  /// Such as `0.71 [0.65, 0.76]`.
  static func fixed(_ value: Double?, _ interval: Interval?, _ digits: Int) -> String {
    guard value != nil, let interval else { return fixed(value, digits) }
    return "\(fixed(value, digits)) [\(fixed(interval.lower, digits)), \(fixed(interval.upper, digits))]"
  }

  /// Such as `0.150 ± 0.070`.
  static func fixed(_ value: MeanAndDeviation?, _ digits: Int) -> String {
    guard let value else { return undefined }
    return "\(fixed(value.mean, digits)) ± \(fixed(value.deviation, digits))"
  }
}
