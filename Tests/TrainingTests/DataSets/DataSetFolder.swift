import Foundation
import Platform
import TestSupport
import Training

/// A data set's folder in the making.
struct DataSetFolder {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  var path: String { directory.path }

  /// Writes a file, with the folders above it.
  func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  func write(_ data: Data, to name: String) throws {
    let folder = directory.file(name).split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: "/\(folder)", withIntermediateDirectories: true)
    _ = try directory.write(data, to: name)
  }

  /// Writes files that stand for audio: the readers look only whether they are there.
  func writeAudio(_ names: some Sequence<String>) throws {
    for name in names { try write("audio", to: name) }
  }

  func read(only layout: DataSetLayout? = nil) throws -> DataSet {
    try DataSetReader.read(path, only: layout)
  }

  /// The error of reading; nil if there is none.
  func readingError(only layout: DataSetLayout? = nil) -> Failure? {
    do throws(Failure) {
      _ = try DataSetReader.read(path, only: layout)
      return nil
    } catch {
      return error
    }
  }

  /// The text of a table of labels over time, from 15 s on at 2 Hz.
  static func wideTable(_ rows: [(song: Int, values: [Double])]) -> String {
    let count = rows.map(\.values.count).max() ?? 0
    let header = (0..<count).map { ",sample_\(15_000 + 500 * $0)ms" }.joined()
    let lines = rows.map { row in "\(row.song)" + row.values.map { ",\($0)" }.joined() + "\n" }
    return "song_id\(header)\n" + lines.joined()
  }
}

extension DataSet {
  func song(_ identifier: String) -> LabelledSong? { songs.first { $0.identifier == identifier } }

  /// What the notes on a song say; of the whole for nil.
  func messages(_ song: String?) -> [String] { notes.filter { $0.song == song }.map(\.message) }
}
