/// What is kept together when a data set is split.
public enum SplitProtocol: String, CaseIterable, Sendable {
  /// All songs of an artist: what a model is worth on music by people whom it has never heard.
  case artist
  /// All frames of a song.
  case song
  /// Nothing. Only to reproduce published tables: the parts share their songs.
  case frame

  /// What is wrong with the figures that this protocol gives; nil if nothing is.
  public var warning: String? {
    switch self {
    case .artist, .song: nil
    case .frame:
      "split by frame: the songs of the test are in the training too, and neighbouring frames are near copies of each "
        + "other, so that the scores say how well a model remembers songs, not how well it judges new ones"
    }
  }
}
