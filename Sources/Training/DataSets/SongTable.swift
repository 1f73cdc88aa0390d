internal import Platform

/// The table `songs.csv` of a folder: who made a song, and which part of the annotated clip its audio is.
struct SongTable {
  struct Excerpt {
    /// Seconds of the annotated clip.
    let start: Double
    /// Nil if the audio goes on to the end of the clip.
    let end: Double?
  }

  /// The songs of the table.
  private(set) var identifiers: [String] = []
  private(set) var artists: [String: String] = [:]
  /// Songs that are said to have labels over time.
  private(set) var songsWithDynamicLabels: Set<String> = []

  /// Of the songs whose excerpt is known; nil if the table says nothing of excerpts.
  private var excerpts: [String: Excerpt]?

  /// - Throws: ``Failure`` if there is no column with the song.
  init(_ table: CSVTable, notes: inout [DataSetNote]) throws(Failure) {
    let identifier = try table.index(ofColumn: "song_id", "id")
    let artist = table.firstIndex(ofColumn: "artist")
    let start = table.firstIndex(ofColumn: "excerpt_start_s")
    let end = table.firstIndex(ofColumn: "excerpt_end_s")
    let hasDynamic = table.firstIndex(ofColumn: "has_dynamic")
    if start != nil || end != nil { excerpts = [:] }
    table.reportRaggedRows(identifier: identifier, notes: &notes)
    for row in table.firstRows(of: table.rows, identifier: identifier, notes: &notes) {
      let song = row[identifier]
      identifiers.append(song)
      if let name = artist.flatMap({ ArtistName.cleaned(row[$0]) }) { artists[song] = name }
      if let hasDynamic, row[hasDynamic] == "1" { songsWithDynamicLabels.insert(song) }
      guard excerpts != nil else { continue }
      let (startText, endText) = (start.map { row[$0] } ?? "", end.map { row[$0] } ?? "")
      if let excerpt = Self.excerpt(startText, endText) {
        excerpts?[song] = excerpt
      } else {
        notes.append(
          DataSetNote(
            song: song, message: "\(table.name), line \(row.line): '\(startText)' to '\(endText)' is no excerpt"))
      }
    }
  }

  /// Where the audio of `song` lies in the clip; nil if that cannot be known. A table without excerpts means that the
  /// audio is the whole clip.
  func excerpt(of song: String) -> Excerpt? {
    guard let excerpts else { return Excerpt(start: 0, end: nil) }
    return excerpts[song]
  }

  private static func excerpt(_ startText: String, _ endText: String) -> Excerpt? {
    guard let start = startText.isEmpty ? 0 : Double(startText), start.isFinite, start >= 0 else { return nil }
    if endText.isEmpty { return Excerpt(start: start, end: nil) }
    guard let end = Double(endText), end.isFinite, end > start else { return nil }
    return Excerpt(start: start, end: end)
  }
}

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
