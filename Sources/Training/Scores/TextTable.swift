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
