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
    let tables = ["static.csv", "dynamic_valence.csv", "dynamic_arousal.csv"]
    if tables.contains(where: { tree.rootFile(named: $0) != nil }) { return .folder }
    switch (DEAMReader.recognizes(tree), PMEmoReader.recognizes(tree)) {
    case (true, false): return .deam
    case (false, true): return .pmemo
    case (true, true):
      throw Failure(
        .invalidData, tree.root,
        "holds files of both DEAM and PMEmo; name the folder of one, or say which layout it is")
    case (false, false):
      let layouts = DataSetLayout.allCases.map { "\n  \($0.rawValue): \($0.contents)" }.joined()
      throw Failure(.invalidData, tree.root, "is laid out like no data set that is known:\(layouts)")
    }
  }
}
