internal import Affect
internal import Glibc
internal import Platform

/// A data set while it is put together from its tables.
struct DataSetDraft {
  let tree: FileTree
  let layout: DataSetLayout
  let audio: AudioFiles
  var notes: [DataSetNote] = []
  var artists: [String: String] = [:]
  /// Ascending, in the time of the audio file.
  var dynamicLabels: [String: [TimedLabel]] = [:]
  var staticLabels: [String: Affect] = [:]
  var quadrants: [String: Quadrant] = [:]
  /// Songs that a table names, whether or not anything usable is said of them.
  var namedSongs: Set<String> = []

  init(_ tree: FileTree, _ layout: DataSetLayout, audio: AudioFiles) {
    self.tree = tree
    self.layout = layout
    self.audio = audio
  }

  /// The table at `path`; nil if there is no path, or no such table, which is reported.
  ///
  /// - Parameter songColumns: names of the column of the songs.
  mutating func table(at path: String?, songColumns: [String] = CSVTable.songColumns) -> CSVTable? {
    guard let path else { return nil }
    let audio = audio
    return attempt { (notes: inout [DataSetNote]) throws(Failure) in
      let table = try CSVTable(path: path).naming(songColumns: songColumns, audio.identifier)
      for problem in table.problems { notes.append(DataSetNote(song: nil, message: "\(table.name): \(problem)")) }
      if table.rows.isEmpty, table.raggedRows.isEmpty {
        notes.append(DataSetNote(song: nil, message: "\(table.name): has no rows"))
      }
      return table
    }
  }

  /// What `body` makes; nil if it fails, which is reported: the rest goes on without.
  mutating func attempt<Result>(
    _ body: (_ notes: inout [DataSetNote]) throws(Failure) -> Result
  ) -> Result? {
    do throws(Failure) {
      return try body(&notes)
    } catch {
      notes.append(DataSetNote(song: nil, message: "\(error.description); it is left out"))
      return nil
    }
  }

  /// Reads the ratings of a file and puts exchanged columns right.
  ///
  /// - Parameter means: the mean labels over time, by which exchanged columns are found.
  mutating func ratings(in table: CSVTable?, scale: ClosedRange<Double>, means: [String: Affect]) -> StaticRatings? {
    guard let table else { return nil }
    return attempt { (notes: inout [DataSetNote]) throws(Failure) in
      var ratings = try StaticRatings(table, scale: scale, notes: &notes)
      ColumnExchange.mend(&ratings, means: means, notes: &notes)
      return ratings
    }
  }

  /// Brings ratings of 1...9 onto the scale of the labels over time, and says how.
  mutating func scale(_ ratings: [String: StaticRating], means: [String: Affect]) {
    guard !ratings.isEmpty else { return }
    // Sorted, because the order decides how sums are rounded.
    let both = ratings.keys.sorted().compactMap { song in
      means[song].flatMap { mean in ratings[song].map { (rating: $0, mean: mean) } }
    }
    let fitted = StaticLabelScale.fit(both)
    let scale = fitted ?? .deam
    staticLabels = ratings.mapValues(scale.affect)
    let origin =
      fitted == nil
      ? "DEAM's lines, because \(both.count) songs with labels over time too give none that rise"
      : "fitted to the \(both.count) songs that have labels over time too"
    notes.append(
      DataSetNote(song: nil, message: "static labels s from 1 to 9 become -1 to 1 by \(scale.formulas) (\(origin))"))
  }

  /// The mean of each song's labels over time.
  static func means(_ labels: [String: [TimedLabel]]) -> [String: Affect] {
    labels.mapValues { labels in
      let count = Double(max(1, labels.count))
      return Affect(
        valence: Float(labels.reduce(0) { $0 + Double($1.affect.valence) } / count),
        arousal: Float(labels.reduce(0) { $0 + Double($1.affect.arousal) } / count))
    }
  }

  /// Joins labels and audio.
  ///
  /// - Throws: ``Failure`` if no song has both.
  consuming func finish() throws(Failure) -> DataSet {
    var songs: [LabelledSong] = []
    let labelled = Set(dynamicLabels.keys).union(staticLabels.keys).union(quadrants.keys)
    for song in labelled.union(namedSongs) {
      guard labelled.contains(song) else {
        notes.append(DataSetNote(song: song, message: "has no usable labels"))
        continue
      }
      switch audio.lookUp(song) {
      case .missing: notes.append(DataSetNote(song: song, message: "has labels, but no audio file"))
      case .unusable(let reason): notes.append(DataSetNote(song: song, message: "has labels, but \(reason)"))
      case .file(let path):
        songs.append(
          LabelledSong(
            identifier: song, audioPath: path, artist: artists[song], dynamicLabels: dynamicLabels[song] ?? [],
            staticLabel: staticLabels[song], quadrant: quadrants[song]))
        if audio.ambiguousIdentifiers.contains(song) {
          notes.append(DataSetNote(song: song, message: "has several audio files; \(path) is taken"))
        }
      }
    }
    let unlabelled = audio.identifiers.filter { !labelled.contains($0) && !namedSongs.contains($0) }
    if !unlabelled.isEmpty {
      let names = unlabelled.sorted(by: SongIdentifier.precedes).prefix(5).joined(separator: ", ")
      let more = unlabelled.count > 5 ? ", …" : ""
      notes.append(
        DataSetNote(song: nil, message: "\(unlabelled.count) audio files have no labels (\(names)\(more)); left out"))
    }
    let sortedNotes = Self.sorted(notes)
    guard !songs.isEmpty else {
      let reasons = sortedNotes.prefix(3).map { "\n  \($0)" }.joined()
      throw Failure(
        .invalidData, tree.root,
        "no song has both audio and labels. In the layout '\(layout.rawValue)' they would be in \(layout.contents)"
          + (reasons.isEmpty ? "" : ". What was found:\(reasons)"))
    }
    return DataSet(name: tree.name, songs: songs, notes: sortedNotes)
  }

  /// What concerns the whole comes first, then song by song, each in the order in which it was found.
  private static func sorted(_ notes: [DataSetNote]) -> [DataSetNote] {
    let numbered = notes.filter { $0.song != nil }.enumerated()
    let ofSongs = numbered.sorted { first, second in
      guard let a = first.element.song, let b = second.element.song, a != b else { return first.offset < second.offset }
      return SongIdentifier.precedes(a, b)
    }
    return notes.filter { $0.song == nil } + ofSongs.map(\.element)
  }
}
