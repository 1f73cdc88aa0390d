internal import EmotionModel
public import Platform

/// Features of songs that another program computed: a row of numbers for each song, read from a table of comma-separated
/// values. Such an input exists for the songs of the table alone and cannot run live.
///
/// The songs are in the column `SongID`, `song_id` or `id`, or else in the first one. All other columns that are numbers
/// in every row are values. Left out, with a note, are columns that are not, those without a name, and those that are
/// labels by their names: quadrant, valence and arousal. A row in which a number is missing or not finite is left out too.
public struct FeatureTable: Sendable {
  /// `table-NAME-COUNT`: the file's name without the extension, and the number of values.
  public let identifier: String
  /// Of the values, as the table's first line has them.
  public let names: [String]
  /// What was left out: first what concerns the whole, then by the order of the file.
  public let notes: [DataSetNote]
  /// Songs that have values.
  public var songCount: Int { rows.count }

  /// The most values that a song can have.
  public static let maximumValueCount = 4096

  /// The row of each song in ``values``, by ``SongIdentifier/key(_:)``.
  private let rows: [String: Int]
  /// `[songs × names]`
  private let values: [Float]

  /// - Throws: ``Failure`` if the file cannot be read, is no table, or has no values, too many, or no song.
  public init(path: String) throws(Failure) {
    try self.init(CSVTable(path: path))
  }

  init(_ table: CSVTable) throws(Failure) {
    let songColumn = table.firstIndex(ofColumn: "SongID", "song_id", "id") ?? 0
    var notes = table.problems.map { DataSetNote(song: nil, message: "\(table.name): \($0)") }
    let columns = Self.valueColumns(of: table, besides: songColumn, notes: &notes)
    guard !columns.isEmpty else {
      throw Failure(
        .invalidData, table.path, "has no column of numbers beside the songs' '\(table.columns[songColumn])'")
    }
    guard columns.count <= Self.maximumValueCount else {
      throw Failure(
        .invalidData, table.path, "has \(columns.count) values for each song; up to \(Self.maximumValueCount) are read")
    }
    table.reportRaggedRows(identifier: songColumn, notes: &notes)
    var rows: [String: Int] = [:]
    var values: [Float] = []
    values.reserveCapacity(columns.count * table.rows.count)
    for row in table.rows {
      // A key has no folders before it, but can be empty or a hidden file's.
      let key = SongIdentifier.key(row[songColumn])
      func note(_ message: String) {
        notes.append(DataSetNote(song: key.isEmpty ? nil : key, message: "\(table.name), line \(row.line): \(message)"))
      }
      if let problem = SongIdentifier.problem(with: key) {
        note("\(problem); the row is left out")
      } else if rows[key] != nil {
        note("the song has a row already; the first one stays")
      } else if let column = columns.first(where: { Cell(row[$0]).value == nil }) {
        note(
          "\(table.columns[column].prefix(40)) is '\(row[column].prefix(20))', no finite number; the row is left out")
      } else {
        rows[key] = rows.count
        values += columns.compactMap { Cell(row[$0]).value }
      }
    }
    guard !rows.isEmpty else {
      let reasons = notes.prefix(3).map { "\n  \($0)" }.joined()
      throw Failure(.invalidData, table.path, "has no song with all its values\(reasons)")
    }
    let name = table.name.lowercased().hasSuffix(".csv") ? String(table.name.dropLast(4)) : table.name
    identifier = "\(EmotionModelFile.tablePrefix)\(name)-\(columns.count)"
    names = columns.map { table.columns[$0] }
    self.notes = notes
    self.rows = rows
    self.values = values
  }

  /// The values of a song, `[names]`, all finite; nil if the table has none. `1`, `1.0`, `0001` and `1.wav` are the same
  /// song.
  public func values(of identifier: String) -> [Float]? {
    rows[SongIdentifier.key(identifier)].map { row in Array(values[row * names.count..<(row + 1) * names.count]) }
  }

  /// The columns that are numbers wherever they are not empty, and so in one row at least.
  private static func valueColumns(of table: CSVTable, besides song: Int, notes: inout [DataSetNote]) -> [Int] {
    var reasons: [(reason: String, columns: [String])] = []
    let columns = table.columns.indices.filter { column in
      guard column != song, let reason = problem(with: column, of: table) else { return column != song }
      let name = "'\(table.columns[column].prefix(40))'"
      if let place = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[place].columns.append(name)
      } else {
        reasons.append((reason, [name]))
      }
      return false
    }
    for (reason, names) in reasons {
      let more = names.count > 5 ? " and \(names.count - 5) more" : ""
      notes.append(
        DataSetNote(
          song: nil,
          message: "\(table.name): columns \(reason) are left out: \(names.prefix(5).joined(separator: ", "))\(more)"))
    }
    return columns
  }

  private static func problem(with column: Int, of table: CSVTable) -> String? {
    let name = table.columns[column].lowercased()
    if name.isEmpty { return "without a name" }
    if labels.contains(name) { return "that are labels by their names" }
    let cells = table.rows.lazy.map { Cell($0[column]) }
    if cells.contains(.text) { return "with text" }
    return cells.contains { $0 != .missing } ? nil : "without numbers"
  }

  /// What the tables of data sets call their labels.
  private static let labels: Set<String> = [
    "quadrant", "valence", "arousal", "valence_mean", "arousal_mean", "valence(mean)", "arousal(mean)",
  ]

  private enum Cell: Equatable {
    case number(Float)
    /// Nothing, or a number that is none: NaN, infinity, or beyond a Float's range.
    case missing
    case text

    init(_ text: String) {
      if let number = Double(text) {
        self = Float(number).isFinite ? .number(Float(number)) : .missing
      } else {
        self = text.isEmpty || ["na", "n/a"].contains(text.lowercased()) ? .missing : .text
      }
    }

    var value: Float? {
      if case .number(let value) = self { value } else { nil }
    }
  }
}
