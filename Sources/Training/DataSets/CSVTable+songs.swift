/// What the tables about songs have in common: a column with the song's identifier.
extension CSVTable {
  /// The rows with a usable identifier, of each song the first. What is wrong with the others is reported.
  func firstRows(of rows: [Row], identifier column: Int, notes: inout [DataSetNote]) -> [Row] {
    var lines: [String: Int] = [:]
    return rows.filter { row in
      guard hasUsableIdentifier(row, column, &notes) else { return false }
      if let line = lines[row[column]] {
        notes.append(
          DataSetNote(
            song: row[column],
            message: "\(name), line \(row.line): the song is in line \(line) already; the first row stays"))
        return false
      }
      lines[row[column]] = row.line
      return true
    }
  }

  /// Whether `row` names a song by something that can be a file's name; reported if it does not.
  func hasUsableIdentifier(_ row: Row, _ column: Int, _ notes: inout [DataSetNote]) -> Bool {
    guard let problem = SongIdentifier.problem(with: row[column]) else { return true }
    notes.append(DataSetNote(song: nil, message: "\(name), line \(row.line): \(problem); the row is left out"))
    return false
  }

  /// Says which rows are not used because they are ragged, but for those of `accepted`.
  func reportRaggedRows(identifier column: Int, besides accepted: [Row] = [], notes: inout [DataSetNote]) {
    let accepted = Set(accepted.map(\.line))
    for row in raggedRows where !accepted.contains(row.line) {
      // The identifier stands before what is missing or too much, unless it is empty or no name at all.
      let song = SongIdentifier.problem(with: row[column]) == nil ? row[column] : nil
      notes.append(
        DataSetNote(
          song: song,
          message: "\(name), line \(row.line): has \(row.fields.count) fields, expected \(columns.count); the row is "
            + "left out"))
    }
  }
}
