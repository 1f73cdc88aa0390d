import CommandLineSupport
import FoundationEssentials
import Glibc

/// A table of comma-separated values (RFC 4180) whose first line names the columns. A field with a comma stands in
/// quotes; a line end inside a field is not read.
struct CSVFile {
  let path: String
  let columns: [String]
  private let rows: [[Substring]]

  /// - Throws: ``ProgramFailure`` that names the file, and the line where one is wrong.
  init(path: String) throws(ProgramFailure) {
    guard access(path, R_OK) == 0 else {
      throw ProgramFailure(.noInput, "\(path): \(String(cString: strerror(errno)))")
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ProgramFailure(.invalidData, "\(path): is no text file, expected comma-separated values")
    }
    self.path = path
    // In Swift a carriage return and a line feed are one character, which is a new line too.
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    columns = lines.first.map { Self.fields(of: $0).map(String.init) } ?? []
    var rows: [[Substring]] = []
    for (number, line) in zip(2..., lines.dropFirst()) where !line.isEmpty {
      let fields = Self.fields(of: line)
      guard fields.count == columns.count else {
        throw ProgramFailure(
          .invalidData, "\(path), line \(number): has \(fields.count) fields, expected \(columns.count)")
      }
      rows.append(fields)
    }
    self.rows = rows
  }

  /// The rows by the text in `column`. Of rows with the same text there the last one stays.
  func rows(by column: String) throws(ProgramFailure) -> [String: [Substring]] {
    let index = try self.index(of: column)
    return Dictionary(rows.map { (String($0[index]), $0) }, uniquingKeysWith: { $1 })
  }

  /// Where `column` stands in a row.
  func index(of column: String) throws(ProgramFailure) -> Int {
    guard let index = columns.firstIndex(of: column) else {
      throw ProgramFailure(.invalidData, "\(path): has no column '\(column)'")
    }
    return index
  }

  private static func fields(of line: Substring) -> [Substring] {
    guard line.contains("\"") else { return line.split(separator: ",", omittingEmptySubsequences: false) }
    var fields: [Substring] = [""]
    var isQuoted = false
    var previous: Character?
    for character in line {
      switch character {
      case "\"":
        // Inside quotes, a quote is written twice.
        if !isQuoted && previous == "\"" { fields[fields.count - 1].append("\"") }
        isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
      previous = character
    }
    return fields
  }
}
