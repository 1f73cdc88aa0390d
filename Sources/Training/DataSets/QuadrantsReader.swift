internal import Affect
internal import Platform

/// Reads the layout ``DataSetLayout/quadrants``: the folder in which a song lies is its label.
enum QuadrantsReader {
  /// What the column of the songs is called, upper and lower case the same.
  private static let songColumns = ["song_id", "Song", "id"]

  static func recognizes(_ tree: FileTree) -> Bool { tree.files.contains { quadrant(of: $0) != nil } }

  static func read(_ tree: FileTree) throws(Failure) -> DataSet {
    var quadrants: [String: Set<Quadrant>] = [:]
    for file in tree.files {
      guard let quadrant = quadrant(of: file), let song = AudioFiles.stem(of: file.name) else { continue }
      quadrants[song, default: []].insert(quadrant)
    }
    let contradictory = Set(quadrants.filter { $0.value.count > 1 }.keys)
    let audio = tree.files.filter { file in
      quadrant(of: file) != nil && AudioFiles.stem(of: file.name).map { !contradictory.contains($0) } == true
    }
    var draft = DataSetDraft(tree, .quadrants, audio: AudioFiles(audio))
    for (song, quadrants) in quadrants {
      if let quadrant = quadrants.first, quadrants.count == 1 {
        draft.quadrants[song] = quadrant
      } else {
        let folders = quadrants.map(\.rawValue).sorted().map { "Q\($0)" }.joined(separator: " and ")
        draft.notes.append(DataSetNote(song: song, message: "lies in \(folders): its quadrant is not known; left out"))
      }
    }
    let filled = Set(quadrants.values.joined().map(\.rawValue))
    for number in 1...4 where !filled.contains(number) {
      draft.notes.append(
        DataSetNote(
          song: nil, message: "there is no audio in a folder Q\(number): no song of quadrant \(number) is known"))
    }
    readTables(&draft, leftOut: contradictory)
    return try draft.finish()
  }

  /// The quadrant that the folder of an audio file stands for; nil for other files, and for those in other folders.
  private static func quadrant(of file: FileTree.File) -> Quadrant? {
    guard file.depth == 2, AudioFiles.stem(of: file.name) != nil, file.folder.first?.lowercased() == "q" else {
      return nil
    }
    return Quadrant(text: file.folder)
  }

  /// Takes the artists from the tables in the root, and compares their quadrants with the folders.
  private static func readTables(_ draft: inout DataSetDraft, leftOut: Set<String>) {
    var missing: [String: String] = [:]
    for file in draft.tree.files where file.depth == 1 && file.name.lowercased().hasSuffix(".csv") {
      guard let table = draft.table(at: file.path, songColumns: songColumns) else { continue }
      let artist = table.firstIndex(ofColumn: "Artist")
      let quadrant = table.firstIndex(ofColumn: "Quadrant")
      guard let song = table.firstIndex(ofColumnIn: songColumns), artist != nil || quadrant != nil else {
        draft.notes.append(
          DataSetNote(
            song: nil,
            message: "\(table.name): has no columns 'Song' and 'Artist' or 'Quadrant'; nothing is read from it"))
        continue
      }
      table.reportRaggedRows(identifier: song, notes: &draft.notes)
      for row in table.firstRows(of: table.rows, identifier: song, notes: &draft.notes) {
        let name = row[song]
        guard let folder = draft.quadrants[name] else {
          if missing[name] == nil, !leftOut.contains(name) { missing[name] = table.name }
          continue
        }
        if draft.artists[name] == nil, let artist { draft.artists[name] = ArtistName.cleaned(row[artist]) }
        guard let quadrant, !row[quadrant].isEmpty, Quadrant(text: row[quadrant]) != folder else { continue }
        draft.notes.append(
          DataSetNote(
            song: name,
            message: "\(table.name), line \(row.line): quadrant is '\(row[quadrant].prefix(20))', but the song lies in "
              + "Q\(folder.rawValue), which stays"))
      }
    }
    for (song, table) in missing {
      draft.notes.append(DataSetNote(song: song, message: "is in \(table), but has no audio file in Q1 to Q4"))
    }
    if draft.artists.isEmpty, !draft.quadrants.isEmpty {
      draft.notes.append(
        DataSetNote(song: nil, message: "no table names the artists: each song counts as an artist of its own"))
    }
  }
}
