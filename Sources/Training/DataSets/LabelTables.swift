internal import Platform

/// A table of one value over time, -1...1: a row for each song, a column `sample_<N>ms` for each moment, N in
/// milliseconds of the annotated clip.
enum WideLabelTable {
  /// - Parameter shortRowsAreComplete: whether a row that ends early is one of a shorter song. Otherwise it is reported
  ///   with the other ragged rows, and left out.
  /// - Throws: ``Failure`` if a column is missing.
  static func read(
    _ table: CSVTable, shortRowsAreComplete: Bool = false, notes: inout [DataSetNote]
  ) throws(Failure) -> [String: LabelTrack] {
    let identifier = try table.index(ofColumn: "song_id", "id")
    let moments = table.columns.enumerated().compactMap { column, name in
      time(ofColumn: name).map { (column: column, time: $0) }
    }
    guard !moments.isEmpty else {
      throw Failure(.invalidData, table.path, "has no column 'sample_<N>ms', N the milliseconds of a moment")
    }
    let short = table.raggedRows.filter { shortRowsAreComplete && $0.fields.count < table.columns.count }
    if !short.isEmpty {
      notes.append(
        DataSetNote(
          song: nil, message: "\(table.name): \(short.count) rows end early; their songs count as rated up to there"))
    }
    table.reportRaggedRows(identifier: identifier, besides: short, notes: &notes)
    var tracks: [String: LabelTrack] = [:]
    let rows = (table.rows + short).sorted { $0.line < $1.line }
    for row in table.firstRows(of: rows, identifier: identifier, notes: &notes) {
      var track = LabelTrack()
      for moment in moments { track.add(row[moment.column], time: moment.time, scale: -1...1, line: row.line) }
      track.reportRejected(song: row[identifier], table: table.name, notes: &notes)
      tracks[row[identifier]] = track
    }
    return tracks
  }

  /// Seconds of a column called `sample_<N>ms`; nil for another one.
  private static func time(ofColumn name: String) -> Double? {
    let name = name.lowercased()
    guard name.hasPrefix("sample_"), name.hasSuffix("ms"),
      let milliseconds = Double(name.dropFirst("sample_".count).dropLast("ms".count)),
      milliseconds.isFinite, milliseconds >= 0
    else { return nil }
    return milliseconds / 1_000
  }
}

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
