/// Goes through a TOML document (toml.io, version 1.0.0) and notes the line of every key.
///
/// It also finds the errors in its syntax, but for those inside strings and comments and for keys that are there twice.
/// Dates and times count as errors, as no setting is one.
struct TOMLLineScanner {
  /// The first line in which each key, or a table of that name, stands.
  private(set) var lines: [[String]: Int] = [:]

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  /// Arrays and inline tables around the position.
  private var depth = 0

  /// What should stand in a line and does not.
  struct SyntaxError: Error {
    let line: Int
    let expected: String
  }

  init(_ text: String) {
    bytes = Array(text.utf8)
    // A byte order mark belongs to no key.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func scan() throws(SyntaxError) {
    // Nil in arrays of tables, whose keys have no one place.
    var table: [String]? = []
    while true {
      skipBlanks()
      guard position < bytes.count else { return }
      if skip("[") { table = try scanHeader() } else { try scanPair(in: table) }
      skipSpaces()
      guard [nil, UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: "#")].contains(current) else {
        throw expected("the end of the line")
      }
    }
  }

  private func expected(_ expected: String) -> SyntaxError {
    SyntaxError(line: line, expected: expected)
  }

  /// `[table]` or `[[array of tables]]` after the first bracket.
  private mutating func scanHeader() throws(SyntaxError) -> [String]? {
    let isArray = skip("[")
    let path = try key()
    guard skip("]"), !isArray || skip("]") else { throw expected(isArray ? "]]" : "]") }
    note(path, line)
    return isArray ? nil : Array(path.prefix(SettingValue.depthLimit))
  }

  /// `key = value`.
  private mutating func scanPair(in table: [String]?) throws(SyntaxError) {
    let path = try key()
    let full = table.map { $0 + path }
    if let full { note(full, line) }
    guard skip("=") else { throw expected("= and a value") }
    skipSpaces()
    try scanValue(of: full)
  }

  /// - Parameter path: the value's key; nil if the keys inside are of no interest.
  private mutating func scanValue(of path: [String]?) throws(SyntaxError) {
    switch current {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try skipString()
    case UInt8(ascii: "["):
      try scanList(until: "]") { scanner throws(SyntaxError) in try scanner.scanValue(of: nil) }
    case UInt8(ascii: "{"):
      try scanList(until: "}") { scanner throws(SyntaxError) in try scanner.scanPair(in: path) }
    default:
      let start = position
      while let byte = current, !" \t,]}#\r\n".utf8.contains(byte) { position += 1 }
      guard Self.isWord(String(decoding: bytes[start..<position], as: UTF8.self)) else {
        throw expected("a value: a text in quotes, a number, true, false, or a list or table of them")
      }
    }
  }

  /// Whether `text` is a value without quotes or brackets.
  private static func isWord(_ text: String) -> Bool {
    if text == "true" || text == "false" { return true }
    let number = /[+-]?(?:inf|nan|(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)/
    let otherBase = /0x[0-9a-fA-F](?:_?[0-9a-fA-F])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*/
    return text.wholeMatch(of: number) != nil || text.wholeMatch(of: otherBase) != nil
  }

  /// What lies between brackets, with commas in between.
  private mutating func scanList(
    until end: Unicode.Scalar, _ scanElement: (inout TOMLLineScanner) throws(SyntaxError) -> Void
  ) throws(SyntaxError) {
    // More than anybody needs, less than the stack holds.
    guard depth < 64 else { throw expected("fewer lists and tables inside one another") }
    depth += 1
    position += 1
    skipBlanks()
    while !skip(end) {
      try scanElement(&self)
      skipBlanks()
      if skip(",") { skipBlanks() } else if current != UInt8(ascii: end) { throw expected(", or \(end)") }
    }
    depth -= 1
  }

  // MARK: Keys

  /// The parts of a dotted key, with the blanks around them.
  private mutating func key() throws(SyntaxError) -> [String] {
    var path: [String] = []
    repeat {
      skipSpaces()
      path.append(try keyPart())
      skipSpaces()
    } while skip(".")
    return path
  }

  private mutating func keyPart() throws(SyntaxError) -> String {
    switch current {
    case UInt8(ascii: "\""): return try basicString()
    case UInt8(ascii: "'"):
      let start = position + 1
      try skipString()
      return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    default:
      let start = position
      while let byte = current, SettingProblem.isBare(byte) { position += 1 }
      guard position > start else { throw expected("the name of a setting or a table") }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }
  }

  /// Notes `path` and the tables that it implies. No setting lies deeper than a few tables.
  private mutating func note(_ path: [String], _ line: Int) {
    for count in 1...min(path.count, SettingValue.depthLimit) {
      let part = Array(path.prefix(count))
      if lines[part] == nil { lines[part] = line }
    }
  }

  // MARK: Strings

  /// A string in double quotes on one line, its escapes resolved.
  private mutating func basicString() throws(SyntaxError) -> String {
    position += 1
    var result: [UInt8] = []
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n") {
      position += 1
      if byte == UInt8(ascii: "\\") { result += try escape().utf8 } else { result.append(byte) }
    }
    guard skip("\"") else { throw expected("a quote at the end of the text") }
    return String(decoding: result, as: UTF8.self)
  }

  /// What follows a backslash.
  private mutating func escape() throws(SyntaxError) -> String {
    let byte = current
    position += 1
    switch byte {
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "u"): return try scalar(digits: 4)
    case UInt8(ascii: "U"): return try scalar(digits: 8)
    default: throw expected("an escape such as \\n or \\\\ after the backslash")
    }
  }

  private mutating func scalar(digits: Int) throws(SyntaxError) -> String {
    let text = String(decoding: bytes[position...].prefix(digits), as: UTF8.self)
    guard text.utf8.count == digits, let number = UInt32(text, radix: 16), let scalar = Unicode.Scalar(number) else {
      throw expected("the \(digits) hexadecimal digits of a character")
    }
    position += digits
    return String(scalar)
  }

  /// Any of the four kinds of string.
  private mutating func skipString() throws(SyntaxError) {
    let quote = bytes[position]
    let hasEscapes = quote == UInt8(ascii: "\"")
    let isMultiLine = bytes[position...].starts(with: [quote, quote, quote])
    let fence = Array(repeating: quote, count: isMultiLine ? 3 : 1)
    let start = line
    position += fence.count
    while !bytes[position...].starts(with: fence) {
      guard let byte = current, isMultiLine || byte != UInt8(ascii: "\n") else {
        throw SyntaxError(line: start, expected: "a quote at the end of the text")
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      position += 1
      if hasEscapes && byte == UInt8(ascii: "\\"), let escaped = current {
        if escaped == UInt8(ascii: "\n") { line += 1 }
        position += 1
      }
    }
    position += fence.count
    // Up to two quotes may stand right before the end of a multi-line string.
    if isMultiLine { for _ in 0..<2 where current == quote { position += 1 } }
  }

  // MARK: Bytes

  private var current: UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpaces() {
    while current == UInt8(ascii: " ") || current == UInt8(ascii: "\t") { position += 1 }
  }

  /// Spaces, line ends and comments.
  private mutating func skipBlanks() {
    while let byte = current {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "\n"): line += 1
      case UInt8(ascii: "#"):
        while let byte = current, byte != UInt8(ascii: "\n") { position += 1 }
        continue
      default: return
      }
      position += 1
    }
  }
}
