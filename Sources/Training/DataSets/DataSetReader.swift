public import Platform

/// Reads labelled music from a folder.
///
/// What is wrong with a song or a row is noted, and the rest goes on: songs without audio, labels that are missing or
/// no numbers of their scale, ragged rows, songs that a table names twice (the first row stays).
public enum DataSetReader {
  /// - Parameter layout: how the folder is laid out; nil to recognise it by its files.
  /// - Throws: ``Failure`` if the folder cannot be read, looks like no layout or like several, or holds no song
  ///   with both audio and labels.
  public static func read(_ directory: String, only layout: DataSetLayout? = nil) throws(Failure) -> DataSet {
    let tree = try FileTree(root: directory)
    let found = if let layout { layout } else { try recognizedLayout(of: tree) }
    switch found {
    case .deam: return try DEAMReader.read(tree)
    case .pmemo: return try PMEmoReader.read(tree)
    case .quadrants: return try QuadrantsReader.read(tree)
    case .folder: return try FolderReader.read(tree)
    }
  }

  /// The audio and the tables in a folder: what no result may take the place of.
  public static func inputs(in directory: String) throws(Failure) -> [String] {
    try FileTree(root: directory).files.filter { file in
      (AudioFiles.extensions + ["csv"]).contains { file.name.lowercased().hasSuffix(".\($0)") }
    }.map(\.path)
  }

  private static func recognizedLayout(of tree: FileTree) throws(Failure) -> DataSetLayout {
    let tables = ["static.csv", "dynamic_valence.csv", "dynamic_arousal.csv", "quadrants.csv"]
    if tables.contains(where: { tree.rootFile(named: $0) != nil }) { return .folder }
    let recognizers: [(DataSetLayout, (FileTree) -> Bool)] = [
      (.deam, DEAMReader.recognizes), (.pmemo, PMEmoReader.recognizes), (.quadrants, QuadrantsReader.recognizes),
    ]
    let found = recognizers.filter { $0.1(tree) }.map(\.0)
    if found.count == 1 { return found[0] }
    guard found.isEmpty else {
      throw Failure(
        .invalidData, tree.root,
        "is laid out like several data sets: \(found.map(\.rawValue).joined(separator: ", ")); name the folder of one, "
          + "or say which layout it is")
    }
    let layouts = DataSetLayout.allCases.map { "\n  \($0.rawValue): \($0.contents)" }.joined()
    throw Failure(.invalidData, tree.root, "is laid out like no data set that is known:\(layouts)")
  }
}

/// How a data set's folder is laid out.
public enum DataSetLayout: String, CaseIterable, Sendable {
  /// DEAM as its authors publish it (Aljanaki, Yang and Soleymani, "Developing a benchmark for emotional analysis of
  /// music", 2017), unpacked in any way: the tables and the audio are found by their names.
  case deam
  /// PMEmo, release of 2019 (Zhang and others, "The PMEmo dataset for music emotion recognition", 2018).
  case pmemo
  /// 4QAED as its authors publish it (Panda, Malheiro and Paiva, "Novel audio features for music emotion recognition",
  /// 2018), or any other music in folders `Q1`, `Q2`, `Q3` and `Q4`, which say the quadrant; tables beside them may name
  /// the artists.
  case quadrants
  /// A folder of one's own: `audio/`, `dynamic_valence.csv`, `dynamic_arousal.csv`, `static.csv`,
  /// `quadrants.csv`, `songs.csv`.
  case folder

  /// What the reader of this layout looks for, for messages.
  var contents: String {
    switch self {
    case .deam:
      "static_annotations_averaged_songs_*.csv or valence.csv and arousal.csv in one folder, and MEMD_audio/<id>.mp3"
    case .pmemo: "static_annotations.csv or dynamic_annotations.csv with a column musicId, and chorus/<id>.mp3"
    case .quadrants:
      "Q1/<id>.<\(AudioFiles.extensions.joined(separator: "|"))>, likewise Q2, Q3 and Q4, and tables with columns Song "
        + "and Artist"
    case .folder:
      "static.csv, quadrants.csv, or dynamic_valence.csv and dynamic_arousal.csv, and audio/<id>.<"
        + AudioFiles.extensions.joined(separator: "|") + ">"
    }
  }
}

/// Labelled music, as it was found in a folder.
public struct DataSet: Sendable {
  /// Of the folder.
  public let name: String
  /// By identifier: numbers first, as numbers, then the other names. Each identifier is there once.
  public let songs: [LabelledSong]
  /// What was odd about the folder: first what concerns the whole, then song by song.
  public let notes: [DataSetNote]

  public init(name: String, songs: [LabelledSong], notes: [DataSetNote]) {
    self.name = name
    self.songs = songs.sorted { SongIdentifier.precedes($0.identifier, $1.identifier) }
    self.notes = notes
  }
}

/// What was odd about a data set or one of its songs, and what was made of it.
public struct DataSetNote: Sendable, Equatable, CustomStringConvertible {
  /// Identifier of the song; nil if the note is about the whole.
  public let song: String?
  public let message: String

  public init(song: String?, message: String) {
    self.song = song
    self.message = message
  }

  public var description: String {
    song.map { "song \($0): \(message)" } ?? message
  }
}
