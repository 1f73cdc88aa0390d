/// Finds the key that was meant.
enum NearestKey {
  /// More edits are another word.
  private static let editLimit = 3

  /// The key among `known` that is nearest to `path`, the first of equally near ones; nil if none is near.
  static func suggestion(for path: [String], among known: [[String]]) -> [String]? {
    var best: (distance: Int, path: [String])?
    for candidate in known {
      guard let distance = distance(path, candidate), distance < best?.distance ?? .max else { continue }
      best = (distance, candidate)
    }
    return best?.path
  }

  /// Edits from `path` to `candidate`, part by part; a right name in a wrong table counts as the most that is allowed.
  private static func distance(_ path: [String], _ candidate: [String]) -> Int? {
    guard let name = path.last, let candidateName = candidate.last else { return nil }
    if path.count == candidate.count {
      let parts = zip(path, candidate).map { edits($0, $1) }
      let sum = parts.reduce(0) { $0 + min($1 ?? editLimit + 1, editLimit + 1) }
      if sum <= editLimit { return sum }
    }
    // A right name in a wrong table, or the beginning of the right one.
    return name == candidateName || path.dropLast() == candidate.dropLast() && candidateName.hasPrefix("\(name)_")
      ? editLimit : nil
  }

  /// Insertions, deletions, replacements and swaps of neighbors that turn one word into the other (Damerau, "A technique
  /// for computer detection and correction of spelling errors", 1964); nil if they are too many for words so long.
  private static func edits(_ first: String, _ second: String) -> Int? {
    let limit = min(editLimit, max(first.utf8.count, second.utf8.count) / 2)
    guard abs(first.utf8.count - second.utf8.count) <= editLimit else { return nil }
    let (a, b) = (Array(first.utf8), Array(second.utf8))
    // Row i holds the edits from the first i bytes of `a` to the beginnings of `b`.
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    let distance = rows[a.count][b.count]
    return distance <= limit ? distance : nil
  }
}
