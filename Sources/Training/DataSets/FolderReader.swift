internal import Platform

/// Reads the layout ``DataSetLayout/folder``. Each table may be missing as long as one kind of label is there.
enum FolderReader {
  static func read(_ tree: FileTree) throws(Failure) -> DataSet {
    let audio = AudioFiles(tree.files.filter { $0.depth == 2 && $0.folder == "audio" })
    var draft = DataSetDraft(tree, .folder, audio: audio)
    let songs = try songTable(&draft)
    let clips = clipLabels(&draft)
    cut(clips, songs, &draft)

    let means = DataSetDraft.means(clips)
    let table = draft.table(at: tree.rootFile(named: "static.csv"))
    let ratings = draft.ratings(in: table, scale: 1...9, means: means)?.ratings ?? [:]
    draft.scale(ratings, means: means)

    draft.artists = songs?.artists ?? [:]
    draft.namedSongs.formUnion(songs?.identifiers ?? [])
    readQuadrants(&draft)
    return try draft.finish()
  }

  /// - Throws: ``Failure`` if it is there but cannot be used: without it, no label's time would be known.
  private static func songTable(_ draft: inout DataSetDraft) throws(Failure) -> SongTable? {
    guard let path = draft.tree.rootFile(named: "songs.csv") else { return nil }
    let table = try CSVTable(path: path).naming(draft.audio.identifier)
    for problem in table.problems { draft.notes.append(DataSetNote(song: nil, message: "songs.csv: \(problem)")) }
    return try SongTable(table, notes: &draft.notes)
  }

  private static func readQuadrants(_ draft: inout DataSetDraft) {
    guard let table = draft.table(at: draft.tree.rootFile(named: "quadrants.csv")) else { return }
    let quadrants = draft.attempt { (notes: inout [DataSetNote]) throws(Failure) in
      try QuadrantTable(table, notes: &notes)
    }
    guard let quadrants else { return }
    draft.quadrants = quadrants.quadrants
    draft.artists.merge(quadrants.artists) { first, _ in first }
  }

  /// The labels in the time of the annotated clip.
  private static func clipLabels(_ draft: inout DataSetDraft) -> [String: [TimedLabel]] {
    let paths = ["dynamic_valence.csv", "dynamic_arousal.csv"].map { (name: $0, path: draft.tree.rootFile(named: $0)) }
    for (name, path) in paths where path == nil && paths.contains(where: { $0.path != nil }) {
      draft.notes.append(DataSetNote(song: nil, message: "\(name) is missing: no labels over time can be used"))
    }
    guard let valence = draft.table(at: paths[0].path), let arousal = draft.table(at: paths[1].path) else { return [:] }
    let labels = draft.attempt { (notes: inout [DataSetNote]) throws(Failure) in
      DynamicLabels.joined(
        valence: try WideLabelTable.read(valence, notes: &notes),
        arousal: try WideLabelTable.read(arousal, notes: &notes), notes: &notes)
    }
    return labels ?? [:]
  }

  /// Takes the labels that lie within the excerpts. That others do not is normal: the audio may be a part of the clip.
  private static func cut(_ clips: [String: [TimedLabel]], _ songs: SongTable?, _ draft: inout DataSetDraft) {
    for (song, labels) in clips {
      draft.namedSongs.insert(song)
      guard let songs else {
        draft.dynamicLabels[song] = labels
        continue
      }
      guard let excerpt = songs.excerpt(of: song) else {
        draft.notes.append(
          DataSetNote(song: song, message: "has no excerpt in songs.csv; its labels over time are left out"))
        continue
      }
      let inside = labels.filter { $0.time >= excerpt.start && $0.time <= excerpt.end ?? .infinity }
      if inside.isEmpty {
        draft.notes.append(
          DataSetNote(song: song, message: "all of its \(labels.count) labels over time lie outside its excerpt"))
      } else {
        draft.dynamicLabels[song] = inside.map { TimedLabel(time: $0.time - excerpt.start, affect: $0.affect) }
      }
    }
    for song in songs?.songsWithDynamicLabels ?? [] where clips[song] == nil {
      draft.notes.append(DataSetNote(song: song, message: "has none of the labels over time that songs.csv promises"))
    }
  }
}
