import Publishing

/// A row of the table of a collection: a song.
struct SongRow: Sendable, Equatable {
  /// One for each of ``columns``, as they are written; empty for nothing.
  let cells: [String]

  private static let numbers = [
    "duration_s", "music_s", "valence_mean", "valence_sd", "arousal_mean", "arousal_sd", "quadrant_1", "quadrant_2",
    "quadrant_3", "quadrant_4", "happiest_at_s", "happiest_valence", "most_excited_at_s", "most_excited_arousal",
    "confidence", "level_dbfs",
  ]
  static let columns = ["path"] + numbers + SongTags.names + ["remarks", "model", "version"]

  static let header = columns.joined(separator: ",")

  /// As comma-separated values (RFC 4180, with plain line feeds).
  var csv: String { cells.map(CSVField.quoted).joined(separator: ",") }

  /// As an object; what is empty is null.
  var json: String {
    var line = JSONLine()
    for (column, cell) in zip(Self.columns, cells) {
      if cell.isEmpty {
        line.addNull(column)
      } else if let number = Self.numbers.contains(column) ? Double(cell) : nil {
        line.add(column, number)
      } else {
        line.add(column, cell)
      }
    }
    return line.object
  }
}
