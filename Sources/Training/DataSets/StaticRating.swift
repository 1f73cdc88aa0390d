internal import Platform

/// What listeners said of a song as a whole, on the table's own scale.
struct StaticRating: Sendable, Equatable {
  let valence: Double
  let arousal: Double

  var exchanged: StaticRating { StaticRating(valence: arousal, arousal: valence) }
}

/// The ratings of one file.
struct StaticRatings {
  /// Name of the file.
  let source: String
  var ratings: [String: StaticRating]

  /// - Parameter scale: the range of the values.
  /// - Throws: ``Failure`` if a column is missing.
  init(_ table: CSVTable, scale: ClosedRange<Double>, notes: inout [DataSetNote]) throws(Failure) {
    let identifier = try table.index(ofColumn: "song_id", "musicId", "id")
    let valence = try table.index(ofColumn: "valence_mean", "Valence(mean)", "valence")
    let arousal = try table.index(ofColumn: "arousal_mean", "Arousal(mean)", "arousal")
    table.reportRaggedRows(identifier: identifier, notes: &notes)
    source = table.name
    ratings = [:]
    for row in table.firstRows(of: table.rows, identifier: identifier, notes: &notes) {
      let values = [valence, arousal].map { Double(row[$0]).flatMap { scale.contains($0) ? $0 : nil } }
      if let valence = values[0], let arousal = values[1] {
        ratings[row[identifier]] = StaticRating(valence: valence, arousal: arousal)
      } else {
        let problems = zip(["valence", "arousal"], zip([valence, arousal], values)).compactMap { name, field in
          field.1 == nil ? "\(name) is '\(row[field.0].prefix(20))'" : nil
        }
        notes.append(
          DataSetNote(
            song: row[identifier],
            message: "\(table.name), line \(row.line): \(problems.joined(separator: " and ")), expected a number from "
              + "\(scale.lowerBound) to \(scale.upperBound); the static label is left out"))
      }
    }
  }
}
