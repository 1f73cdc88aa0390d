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
