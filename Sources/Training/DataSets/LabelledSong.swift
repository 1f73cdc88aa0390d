public import Affect

/// A song of a data set, with what listeners said of it.
public struct LabelledSong: Sendable, Equatable {
  public let identifier: String
  /// A file that could be read when the data set was.
  public let audioPath: String
  /// Nil if it is unknown; the song counts as an artist of its own then.
  public let artist: String?
  /// Ascending in time; empty if there are none.
  public let dynamicLabels: [TimedLabel]
  /// What listeners said of the song as a whole, on the scale of ``dynamicLabels`` (``StaticLabelScale``).
  public let staticLabel: Affect?
  /// In which quadrant listeners put the song as a whole, where that is all that they said.
  public let quadrant: Quadrant?

  public init(
    identifier: String, audioPath: String, artist: String?, dynamicLabels: [TimedLabel], staticLabel: Affect?,
    quadrant: Quadrant? = nil
  ) {
    self.identifier = identifier
    self.audioPath = audioPath
    self.artist = artist
    self.dynamicLabels = dynamicLabels
    self.staticLabel = staticLabel
    self.quadrant = quadrant
  }

  /// The song with its quadrant as the only label: the one it has, or where its labels lie on the mean.
  var withQuadrantAlone: LabelledSong {
    let labels = dynamicLabels.map(\.affect)
    let place = labels.isEmpty ? staticLabel : Affect(meanOf: labels)
    return LabelledSong(
      identifier: identifier, audioPath: audioPath, artist: artist, dynamicLabels: [], staticLabel: nil,
      quadrant: quadrant ?? place.map { Quadrant(of: $0) })
  }

  /// Which of `count` parts the song belongs to, 1...`count`: the same for all songs of an artist, however the name is
  /// written, in every data set. A song whose artist is not known counts as an artist of its own.
  package func artistPart(of count: Int) -> Int {
    let name = artist.flatMap(ArtistName.key) ?? "song \(identifier)"
    return Int((ContentHash(of: name).value >> 32) % UInt64(count)) + 1
  }

  /// The song without the labels that lie outside its audio, and a note if there were any.
  ///
  /// - Parameter audioSeconds: the true length of the audio, which the tables do not know.
  public func checked(audioSeconds: Double) -> (LabelledSong, [DataSetNote]) {
    let inside = dynamicLabels.filter { $0.time >= 0 && $0.time <= audioSeconds }
    guard inside.count < dynamicLabels.count else { return (self, []) }
    let song = LabelledSong(
      identifier: identifier, audioPath: audioPath, artist: artist, dynamicLabels: inside, staticLabel: staticLabel,
      quadrant: quadrant)
    let seconds = (audioSeconds * 100).rounded() / 100
    let note = DataSetNote(
      song: identifier,
      message: "\(dynamicLabels.count - inside.count) of its \(dynamicLabels.count) labels lie outside its audio, "
        + "which is \(seconds) s long; they are left out")
    return (song, [note])
  }
}
