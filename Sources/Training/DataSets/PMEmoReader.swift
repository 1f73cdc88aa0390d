internal import Affect
internal import Platform

/// Reads the layout ``DataSetLayout/pmemo``. All its values are 0...1, and x becomes 2 x - 1; times count from the
/// beginning of the chorus, which is the audio file.
enum PMEmoReader {
  private static let staticName = "static_annotations.csv"
  private static let dynamicName = "dynamic_annotations.csv"

  static func recognizes(_ tree: FileTree) -> Bool {
    tree.first(named: staticName) != nil || tree.first(named: dynamicName) != nil
  }

  static func read(_ tree: FileTree) throws(Failure) -> DataSet {
    var draft = DataSetDraft(tree, .pmemo, audio: AudioFiles(tree, folders: ["chorus"]))
    if let table = draft.table(at: tree.first(named: dynamicName)?.path) {
      let labels = draft.attempt { (notes: inout [DataSetNote]) throws(Failure) in
        let tracks = try LongLabelTable.read(table, notes: &notes)
        return DynamicLabels.joined(valence: tracks.valence, arousal: tracks.arousal, notes: &notes)
      }
      draft.dynamicLabels = labels ?? [:]
    } else {
      draft.notes.append(DataSetNote(song: nil, message: "there are no labels over time (\(dynamicName))"))
    }
    let table = draft.table(at: tree.first(named: staticName)?.path)
    let ratings = draft.ratings(in: table, scale: 0...1, means: DataSetDraft.means(draft.dynamicLabels))
    draft.staticLabels = (ratings?.ratings ?? [:]).mapValues { rating in
      Affect(valence: Float(2 * rating.valence - 1), arousal: Float(2 * rating.arousal - 1))
    }
    if let songs = draft.table(at: tree.first(named: "metadata.csv")?.path) {
      readArtists(songs, &draft)
    }
    return try draft.finish()
  }

  private static func readArtists(_ table: CSVTable, _ draft: inout DataSetDraft) {
    guard let identifier = table.firstIndex(ofColumn: "musicId", "song_id"),
      let artist = table.firstIndex(ofColumn: "artist", "artists")
    else {
      draft.notes.append(
        DataSetNote(song: nil, message: "\(table.name): has no columns 'musicId' and 'artist'; artists are unknown"))
      return
    }
    table.reportRaggedRows(identifier: identifier, notes: &draft.notes)
    for row in table.firstRows(of: table.rows, identifier: identifier, notes: &draft.notes) {
      draft.artists[row[identifier]] = ArtistName.cleaned(row[artist])
    }
  }
}
