public import Platform

/// A table of comma-separated values (RFC 4180) in UTF-8, whose first line names the columns. Spaces around fields, a
/// byte-order mark and any kind of line end will do; so will semicolons or tabs between the fields, with decimal commas,
/// and Latin-1.
public struct CSVTable: Sendable {
  public struct Row: Sendable, Equatable {
    /// The line of the file where it begins, from 1.
    public let line: Int
    public let fields: [String]

    /// The text in a column; empty if the row ends before it.
    public subscript(column: Int) -> String { column < fields.count ? fields[column] : "" }
  }

  public let path: String
  public let columns: [String]
  /// The rows with a field for each column, in the order of the file. Empty fields beyond the last column are cut off.
  public let rows: [Row]
  /// The rows with fewer or more fields, whose fields may not be those of the columns that they stand in.
  public let raggedRows: [Row]
  /// What else is odd about the file, in words.
  public let problems: [String]

  /// The largest file that is read, bytes.
  public static let maximumSize = 64 << 20
  /// The most fields that are read: what a file of commas alone would take up is bounded by it.
  public static let maximumFieldCount = 8_000_000

  /// - Throws: ``Failure`` if the file cannot be read, is too large, or is no such table.
  public init(path: String) throws(Failure) {
    let file: InputFile
    do throws(FileError) { file = try InputFile(path) } catch {
      let reason = error.description == "is not a regular file" ? error.description : "cannot be read: \(error)"
      throw Failure(.noInput, path, reason)
    }
    guard file.size <= Self.maximumSize else {
      throw Failure(
        .invalidData, path, "is \(file.size >> 20) MiB large; tables of up to \(Self.maximumSize >> 20) MiB are read")
    }
    let bytes = file.bytes(at: 0, count: file.size)
    guard bytes.count == file.size else { throw Failure(.noInput, path, "cannot be read to its end") }
    try self.init(bytes: bytes, path: path)
  }

  /// - Parameter path: what messages call the table.
  /// - Throws: ``Failure`` if `bytes` are no such table.
  public init(bytes: [UInt8], path: String) throws(Failure) {
    guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
      throw Failure(.invalidData, path, "is UTF-16 text; save it as UTF-8")
    }
    var problems: [String] = []
    var bytes = bytes
    if String(validating: bytes, as: UTF8.self) == nil {
      problems.append("is not UTF-8; it is read as Latin-1")
      bytes = Array(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })).utf8)
    }
    let separator = Self.separator(bytes)
    // Each separator ends a field, except within quotes.
    let separators = [separator, UInt8(ascii: "\n"), UInt8(ascii: "\r")]
    guard bytes.count(where: separators.contains) <= Self.maximumFieldCount else {
      throw Failure(.invalidData, path, "has more than \(Self.maximumFieldCount) fields")
    }
    var (records, unclosedQuoteLine) = Self.records(bytes, separator, quotesSpanLines: true)
    if let line = unclosedQuoteLine {
      // Otherwise it would swallow the rest of the file.
      problems.append("line \(line): a quote is not closed; every quote is taken to end with its line")
      (records, _) = Self.records(bytes, separator, quotesSpanLines: false)
    }
    if separator != UInt8(ascii: ",") {
      let name = separator == UInt8(ascii: ";") ? "semicolons" : "tabs"
      let commaCount = Self.replaceDecimalCommas(&records)
      problems.append(
        "has \(name) between its fields\(commaCount > 0 ? " and decimal commas" : ""); it is read by them")
    }
    guard let header = records.first else { throw Failure(.invalidData, path, "is empty") }
    let columns = header.fields
    var (rows, raggedRows): ([Row], [Row]) = ([], [])
    for record in records.dropFirst() {
      var fields = record.fields
      while fields.count > columns.count, fields.last == "" { fields.removeLast() }
      let row = Row(line: record.line, fields: fields)
      if fields.count == columns.count { rows.append(row) } else { raggedRows.append(row) }
    }
    self.path = path
    self.columns = columns
    self.rows = rows
    self.raggedRows = raggedRows
    self.problems = problems
  }

  /// What stands between the names of the columns: a comma, unless there is none, but semicolons or tabs are.
  private static func separator(_ bytes: [UInt8]) -> UInt8 {
    let header = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    return candidates.first { header.contains($0) } ?? UInt8(ascii: ",")
  }

  /// Writes 0,5 as 0.5, and returns how many such numbers there are.
  private static func replaceDecimalCommas(_ records: inout [CSVScanner.Record]) -> Int {
    var count = 0
    for record in records.indices.dropFirst() {
      for field in records[record].fields.indices {
        let text = records[record].fields[field]
        guard text.utf8.count(where: { $0 == UInt8(ascii: ",") }) == 1, Double(text) == nil,
          Double(text.replacing(",", with: ".")) != nil
        else { continue }
        records[record].fields[field] = text.replacing(",", with: ".")
        count += 1
      }
    }
    return count
  }

  private static func records(
    _ bytes: [UInt8], _ separator: UInt8, quotesSpanLines: Bool
  ) -> ([CSVScanner.Record], unclosedQuoteLine: Int?) {
    var scanner = CSVScanner(bytes, separator: separator, quotesSpanLines: quotesSpanLines)
    var records: [CSVScanner.Record] = []
    while let record = scanner.next() { records.append(record) }
    return (records, scanner.unclosedQuoteLine)
  }

  /// What the column of the songs is called in most tables.
  static let songColumns = ["song_id", "musicId", "id"]

  private init(_ table: CSVTable, rows: [Row], raggedRows: [Row], problems: [String]) {
    (path, columns) = (table.path, table.columns)
    self.rows = rows
    self.raggedRows = raggedRows
    self.problems = problems
  }

  /// The table with the songs called as their files are.
  ///
  /// - Parameters:
  ///   - songColumns: names of the column of the songs, of which the first that is there is it.
  ///   - identifier: the song that a text in it means.
  func naming(songColumns: [String] = songColumns, _ identifier: (String) -> String) -> CSVTable {
    guard let column = firstIndex(ofColumnIn: songColumns) else { return self }
    var changes: (count: Int, first: String)?
    func renamed(_ row: Row) -> Row {
      guard column < row.fields.count, !row.fields[column].isEmpty else { return row }
      let text = row.fields[column]
      let name = identifier(text)
      guard name != text else { return row }
      changes = ((changes?.count ?? 0) + 1, changes?.first ?? "'\(text.prefix(40))' is \(name)")
      var fields = row.fields
      fields[column] = name
      return Row(line: row.line, fields: fields)
    }
    let (rows, raggedRows) = (rows.map(renamed), raggedRows.map(renamed))
    guard let changes else { return self }
    let problem = "\(changes.count) songs are not called as their files are; they are matched: \(changes.first)"
    return CSVTable(self, rows: rows, raggedRows: raggedRows, problems: problems + [problem])
  }

  /// The file's name without its folder.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Where the first of `names` that is a column stands in a row; nil if none is. Upper and lower case are the same.
  public func firstIndex(ofColumn names: String...) -> Int? {
    firstIndex(ofColumnIn: names)
  }

  /// The same for a column that must be there.
  ///
  /// - Throws: ``Failure`` that says which columns there are.
  public func index(ofColumn names: String...) throws(Failure) -> Int {
    if let index = firstIndex(ofColumnIn: names) { return index }
    let present = columns.prefix(8).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
    throw Failure(
      .invalidData, path,
      "has no column '\(names[0])', among \(columns.count): \(present)\(columns.count > 8 ? ", …" : "")")
  }

  func firstIndex(ofColumnIn names: [String]) -> Int? {
    let columns = columns.map { $0.lowercased() }
    return names.lazy.compactMap { columns.firstIndex(of: $0.lowercased()) }.first
  }
}
