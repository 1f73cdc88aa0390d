/// Takes comma-separated text apart (RFC 4180), or text with another separator, a record at a time. Spaces and tabs around
/// a field do not belong to it
/// unless they stand in quotes.
struct CSVScanner {
  struct Record {
    /// The line where it begins, from 1.
    let line: Int
    var fields: [String]
  }

  /// The line of the first quote that nothing closes.
  private(set) var unclosedQuoteLine: Int?

  private let bytes: [UInt8]
  private let separator: UInt8
  private let quotesSpanLines: Bool
  private var position: Int
  private var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// - Parameter quotesSpanLines: whether a line can end inside quotes, as the RFC has it. Otherwise a quote that its
  ///   own line does not close ends with it.
  init(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ","), quotesSpanLines: Bool) {
    self.bytes = bytes
    self.separator = separator
    self.quotesSpanLines = quotesSpanLines
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The next record that is more than an empty line; nil at the end.
  mutating func next() -> Record? {
    while position < bytes.count {
      var record = Record(line: line, fields: [field()])
      while position < bytes.count, bytes[position] == separator {
        position += 1
        record.fields.append(field())
      }
      skipLineEnd()
      if record.fields != [""] { return record }
    }
    return nil
  }

  /// Reads up to the comma, the end of the line or that of the text.
  private mutating func field() -> String {
    while position < bytes.count, isBlank(bytes[position]) { position += 1 }
    guard position < bytes.count, bytes[position] == Self.quote else { return text() }
    let opening = line
    let quoted = quotedText()
    // What stands between the closing quote and the comma is against the RFC; it is kept. But if lines lie between the
    // quotes, the second one opened a field of its own.
    let rest = text()
    if !rest.isEmpty, line > opening { noteUnclosedQuote(line: opening) }
    return quoted + rest
  }

  private mutating func text() -> String {
    let start = position
    while position < bytes.count, bytes[position] != separator, !isAtLineEnd { position += 1 }
    var end = position
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func quotedText() -> String {
    let opening = line
    var content: [UInt8] = []
    position += 1
    while position < bytes.count {
      if bytes[position] == Self.quote {
        position += 1
        // Inside quotes, a quote is written twice.
        guard position < bytes.count, bytes[position] == Self.quote else {
          return String(decoding: content, as: UTF8.self)
        }
        content.append(Self.quote)
        position += 1
      } else if isAtLineEnd {
        guard quotesSpanLines else { break }
        content.append(Self.lineFeed)
        skipLineEnd()
      } else {
        content.append(bytes[position])
        position += 1
      }
    }
    noteUnclosedQuote(line: opening)
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func noteUnclosedQuote(line: Int) {
    if unclosedQuoteLine == nil { unclosedQuoteLine = line }
  }

  private var isAtLineEnd: Bool { bytes[position] == Self.lineFeed || bytes[position] == Self.carriageReturn }

  /// A line ends with a line feed, a carriage return, or both in turn.
  private mutating func skipLineEnd() {
    guard position < bytes.count, isAtLineEnd else { return }
    let isReturn = bytes[position] == Self.carriageReturn
    position += 1
    if isReturn, position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
    line += 1
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte == UInt8(ascii: "\t") && separator != byte)
  }
}
