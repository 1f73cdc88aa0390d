internal import Affect
internal import Platform

/// The table `quadrants.csv` of a folder: into which quadrant of the plane of valence and arousal listeners put each song.
struct QuadrantTable {
  private(set) var quadrants: [String: Quadrant] = [:]
  private(set) var artists: [String: String] = [:]

  /// - Throws: ``Failure`` if a column is missing.
  init(_ table: CSVTable, notes: inout [DataSetNote]) throws(Failure) {
    let identifier = try table.index(ofColumn: "song_id", "id")
    let quadrant = try table.index(ofColumn: "quadrant")
    let artist = table.firstIndex(ofColumn: "artist")
    table.reportRaggedRows(identifier: identifier, notes: &notes)
    for row in table.firstRows(of: table.rows, identifier: identifier, notes: &notes) {
      let song = row[identifier]
      if let name = artist.flatMap({ ArtistName.cleaned(row[$0]) }) { artists[song] = name }
      let text = row[quadrant]
      if let value = Quadrant(text: text) {
        quadrants[song] = value
      } else {
        notes.append(
          DataSetNote(
            song: song,
            message:
              "\(table.name), line \(row.line): quadrant is '\(text.prefix(20))', expected a number from 1 to 4; "
              + "it is left out"))
      }
    }
  }
}

extension Quadrant {
  /// From `3`, `Q3` or `q3`; nil for anything else.
  init?(text: String) {
    let number = text.first == "Q" || text.first == "q" ? text.dropFirst() : text[...]
    guard let quadrant = Int(number).flatMap(Quadrant.init(rawValue:)) else { return nil }
    self = quadrant
  }
}
