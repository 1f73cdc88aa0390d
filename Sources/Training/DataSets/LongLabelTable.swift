internal import Platform

/// A table of both values over time, 0...1: a row for each moment of each song, its `frameTime` in seconds of the
/// annotated clip.
enum LongLabelTable {
  /// - Throws: ``Failure`` if a column is missing.
  static func read(
    _ table: CSVTable, notes: inout [DataSetNote]
  ) throws(Failure) -> (valence: [String: LabelTrack], arousal: [String: LabelTrack]) {
    let identifier = try table.index(ofColumn: "musicId", "song_id")
    let time = try table.index(ofColumn: "frameTime")
    let valenceColumn = try table.index(ofColumn: "Valence(mean)", "valence")
    let arousalColumn = try table.index(ofColumn: "Arousal(mean)", "arousal")
    table.reportRaggedRows(identifier: identifier, notes: &notes)
    var (valence, arousal): ([String: LabelTrack], [String: LabelTrack]) = ([:], [:])
    var untimedCounts: [String: Int] = [:]
    for row in table.rows where table.hasUsableIdentifier(row, identifier, &notes) {
      let song = row[identifier]
      guard let seconds = Double(row[time]), seconds.isFinite, seconds >= 0 else {
        untimedCounts[song, default: 0] += 1
        continue
      }
      valence[song, default: LabelTrack()].add(row[valenceColumn], time: seconds, scale: 0...1, line: row.line)
      arousal[song, default: LabelTrack()].add(row[arousalColumn], time: seconds, scale: 0...1, line: row.line)
    }
    for (song, count) in untimedCounts {
      notes.append(
        DataSetNote(song: song, message: "\(table.name): \(count) of its rows have no usable time; they are left out"))
    }
    for (song, track) in valence { track.reportRejected(song: song, table: "\(table.name), valence", notes: &notes) }
    for (song, track) in arousal { track.reportRejected(song: song, table: "\(table.name), arousal", notes: &notes) }
    return (valence, arousal)
  }
}
