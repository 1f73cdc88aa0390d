internal import Glibc
internal import Platform

/// The audio files of a data set, by the name without the extension. They are looked up among what is in the folder, so
/// that no identifier can lead out of it.
struct AudioFiles {
  enum Lookup: Equatable {
    case file(String)
    case missing
    /// It is there, but cannot be used, for this reason.
    case unusable(String)
  }

  /// In the order in which they are preferred if a song has several.
  static let extensions = ["wav", "flac", "ogg", "opus", "mp3"]

  /// The names of the songs that have a file, in no order.
  var identifiers: Dictionary<String, FileTree.File>.Keys { files.keys }
  /// The songs that have more than one file.
  private(set) var ambiguousIdentifiers: Set<String> = []

  private var files: [String: FileTree.File] = [:]
  /// The names that have a key (``SongIdentifier/key(_:)``).
  private var namesByKey: [String: [String]] = [:]

  init(_ candidates: [FileTree.File]) {
    var ranks: [String: Int] = [:]
    for candidate in candidates {
      guard let (stem, rank) = Self.parts(of: candidate.name) else { continue }
      if files[stem] != nil { ambiguousIdentifiers.insert(stem) }
      if rank < ranks[stem] ?? .max {
        ranks[stem] = rank
        files[stem] = candidate
      }
    }
    namesByKey = Dictionary(grouping: files.keys) { SongIdentifier.key($0) }
  }

  /// The song that a table means by `text`: the name of a file, or one that says the same in another spelling. Without a
  /// file it is the spelling that all tables agree on.
  func identifier(for text: String) -> String {
    guard files[text] == nil else { return text }
    let key = SongIdentifier.key(text)
    let names = namesByKey[key] ?? []
    // Of two files that could be meant, neither is.
    guard names.isEmpty else { return names.count == 1 ? names[0] : text }
    // What leads to other folders is for others to refuse.
    return text.contains("/") ? text : key
  }

  /// The audio in the folders called one of `folders` (upper and lower case the same); if there is no such folder, all
  /// of the tree's.
  init(_ tree: FileTree, folders: Set<String>) {
    let preferred = tree.files.filter { folders.contains($0.folder.lowercased()) }
    let hasAudio = preferred.contains { Self.parts(of: $0.name) != nil }
    self.init(hasAudio ? preferred : tree.files)
  }

  /// The name without the extension of an audio file; nil for a file of another kind.
  static func stem(of name: String) -> String? { parts(of: name)?.stem }

  func lookUp(_ identifier: String) -> Lookup {
    guard let file = files[identifier] else { return .missing }
    if file.size == 0 { return .unusable("its audio file \(file.name) is empty") }
    guard FileName.withPath(file.path, { access($0, R_OK) }) == 0 else {
      return .unusable("its audio file \(file.name) cannot be read: \(String(cString: strerror(errno)))")
    }
    return .file(file.path)
  }

  /// The name without the extension, and the place of the extension in ``extensions``; nil for a file of another kind.
  private static func parts(of name: String) -> (stem: String, rank: Int)? {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex,
      let rank = extensions.firstIndex(of: name[name.index(after: dot)...].lowercased())
    else { return nil }
    return (String(name[..<dot]), rank)
  }
}
