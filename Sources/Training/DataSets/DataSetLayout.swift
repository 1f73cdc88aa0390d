/// How a data set's folder is laid out.
public enum DataSetLayout: String, CaseIterable, Sendable {
  /// DEAM as its authors publish it (Aljanaki, Yang and Soleymani, "Developing a benchmark for emotional analysis of
  /// music", 2017), unpacked in any way: the tables and the audio are found by their names.
  case deam
  /// PMEmo, release of 2019 (Zhang and others, "The PMEmo dataset for music emotion recognition", 2018).
  case pmemo
  /// A folder of one's own: `audio/`, `dynamic_valence.csv`, `dynamic_arousal.csv`, `static.csv`, `songs.csv`.
  case folder

  /// What the reader of this layout looks for, for messages.
  var contents: String {
    switch self {
    case .deam:
      "static_annotations_averaged_songs_*.csv or valence.csv and arousal.csv in one folder, and MEMD_audio/<id>.mp3"
    case .pmemo: "static_annotations.csv or dynamic_annotations.csv with a column musicId, and chorus/<id>.mp3"
    case .folder:
      "static.csv or dynamic_valence.csv and dynamic_arousal.csv, and audio/<id>.<"
        + AudioFiles.extensions.joined(separator: "|") + ">"
    }
  }
}
