/// Where the keys of a TOML document stand, which the parser does not tell.
struct TOMLLines {
  private let lines: [[String]: Int]

  /// - Throws: the first thing that is not TOML. The parser, toml++ 3.4, does not survive all of these: it aborts the
  ///   process over `[[[` or `hop = #`.
  init(_ text: String) throws(TOMLLineScanner.SyntaxError) {
    var scanner = TOMLLineScanner(text)
    try scanner.scan()
    lines = scanner.lines
  }

  /// The line of the key `path`, or of the nearest table around it; nil if nothing of it was found.
  func line(of path: [String]) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return nil
  }
}
