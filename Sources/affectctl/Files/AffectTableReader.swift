import Affect
import Platform
import Training

/// Reads valence and arousal over time from a CSV file with the columns `time_s`, `valence` and `arousal`, as
/// ``AffectTable`` writes them. Rows without values, as before the first full window, are left out.
enum AffectTableReader {
  /// - Returns: at least one row, in the order of the times, which rise.
  /// - Throws: ``Failure`` that names the line.
  static func read(_ path: String) throws(Failure) -> [(time: Double, affect: Affect)] {
    let table = try CSVTable(path: path)
    func column(_ name: String) throws(Failure) -> Int {
      guard let index = table.columns.firstIndex(of: name) else {
        throw Failure(
          .invalidData, path,
          "has no column '\(name)': expected time_s, valence and arousal, as affectctl analyze prints")
      }
      return index
    }
    let (time, valence, arousal) = (try column("time_s"), try column("valence"), try column("arousal"))
    if let file = table.columns.firstIndex(of: "file"), Set(table.rows.map { $0[file] }).count > 1 {
      throw Failure(.invalidData, path, "holds the curves of several files: analyze one")
    }
    var rows: [(time: Double, affect: Affect)] = []
    for row in table.rows where !row[valence].isEmpty || !row[arousal].isEmpty {
      let numbers = [row[time], row[valence], row[arousal]].compactMap { Double($0) }
      guard numbers.count == 3, numbers[0].isFinite, numbers[0] >= 0, numbers.dropFirst().allSatisfy({ abs($0) <= 1 })
      else {
        throw Failure(.invalidData, path, "line \(row.line): expected a time from 0 on, and two values from -1 to 1")
      }
      guard numbers[0] > rows.last?.time ?? -1 else {
        throw Failure(.invalidData, path, "line \(row.line): the time does not rise")
      }
      rows.append((numbers[0], Affect(valence: Float(numbers[1]), arousal: Float(numbers[2]))))
    }
    guard !rows.isEmpty else { throw Failure(.invalidData, path, "holds no row with valence and arousal") }
    return rows
  }
}
