internal import Affect
internal import Platform

/// Reads the layout ``DataSetLayout/deam``.
enum DEAMReader {
  private static let staticPrefix = "static_annotations_averaged_songs"

  static func recognizes(_ tree: FileTree) -> Bool {
    !staticFiles(tree).isEmpty || dynamicFiles(tree) != nil
  }

  static func read(_ tree: FileTree) throws(Failure) -> DataSet {
    var draft = DataSetDraft(tree, .deam, audio: AudioFiles(tree, folders: ["memd_audio", "audio"]))
    draft.dynamicLabels = dynamicLabels(&draft)
    let means = DataSetDraft.means(draft.dynamicLabels)

    var ratings: [String: StaticRating] = [:]
    for file in staticFiles(tree) {
      let table = draft.table(at: file.path)
      let found = draft.ratings(in: table, scale: 1...9, means: means)?.ratings ?? [:]
      for song in found.keys where ratings[song] != nil {
        draft.notes.append(
          DataSetNote(song: song, message: "\(file.name): is in another table already, which is taken"))
      }
      ratings.merge(found) { first, _ in first }
    }
    draft.scale(ratings, means: means)

    for file in tree.files where isMetadata(file.name) {
      guard let table = draft.table(at: file.path) else { continue }
      readArtists(table, &draft)
    }
    return try draft.finish()
  }

  /// The two tables with labels of each half second, which lie in one folder; times count from the clip's beginning,
  /// which is the audio file's.
  private static func dynamicLabels(_ draft: inout DataSetDraft) -> [String: [TimedLabel]] {
    guard let files = dynamicFiles(draft.tree) else {
      draft.notes.append(
        DataSetNote(song: nil, message: "there are no labels over time: no folder has both valence.csv and arousal.csv")
      )
      return [:]
    }
    guard let valence = draft.table(at: files.valence), let arousal = draft.table(at: files.arousal) else { return [:] }
    let labels = draft.attempt { (notes: inout [DataSetNote]) throws(Failure) in
      DynamicLabels.joined(
        valence: try WideLabelTable.read(valence, shortRowsAreComplete: true, notes: &notes),
        arousal: try WideLabelTable.read(arousal, shortRowsAreComplete: true, notes: &notes), notes: &notes)
    }
    return labels ?? [:]
  }

  /// The tables of artists have rows with any number of genres or tags at their end, so that ragged ones are read too.
  private static func readArtists(_ table: CSVTable, _ draft: inout DataSetDraft) {
    guard let identifier = table.firstIndex(ofColumn: "song_id", "id"),
      let artist = table.firstIndex(ofColumn: "artist", "artist name", "artist_name", "artists")
    else {
      draft.notes.append(
        DataSetNote(song: nil, message: "\(table.name): has no columns 'song_id' and 'artist'; artists are unknown"))
      return
    }
    for row in table.rows + table.raggedRows {
      guard let name = ArtistName.cleaned(row[artist]), draft.artists[row[identifier]] == nil else { continue }
      draft.artists[row[identifier]] = name
    }
  }

  private static func staticFiles(_ tree: FileTree) -> [FileTree.File] {
    tree.files.filter { $0.name.lowercased().hasPrefix(staticPrefix) && $0.name.lowercased().hasSuffix(".csv") }
  }

  private static func dynamicFiles(_ tree: FileTree) -> (valence: String, arousal: String)? {
    for valence in tree.files where valence.name.lowercased() == "valence.csv" {
      let arousal = tree.files.first {
        $0.folderPath == valence.folderPath && $0.name.lowercased() == "arousal.csv"
      }
      if let arousal { return (valence.path, arousal.path) }
    }
    return nil
  }

  /// Such as `metadata_2013.csv`.
  private static func isMetadata(_ name: String) -> Bool {
    name.lowercased().hasPrefix("metadata") && name.lowercased().hasSuffix(".csv")
  }
}
