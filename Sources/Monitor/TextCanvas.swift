/// How a cell looks.
public enum TextStyle: Int, Sendable, CaseIterable {
  case plain, faint, strong, reversed
  case valence, arousal
  /// By quadrant, 1 to 4.
  case excitedPositive, excitedNegative, calmNegative, calmPositive
  case good, warning, alarm
}

/// Which characters a terminal can show.
public enum CharacterSet: Sendable {
  /// ASCII alone.
  case ascii
  /// Unicode with blocks and frames, without Braille, as on the Linux console.
  case blocks
  case unicode
}

/// Rows of cells that are drawn on. What lies outside is cut off.
public struct TextCanvas: Sendable, Equatable {
  public struct Cell: Sendable, Equatable {
    public var character: Character = " "
    public var style = TextStyle.plain
  }

  public let width: Int
  public let height: Int
  private var cells: [Cell]

  public init(width: Int, height: Int) {
    (self.width, self.height) = (max(0, width), max(0, height))
    cells = Array(repeating: Cell(), count: self.width * self.height)
  }

  public subscript(row: Int, column: Int) -> Cell {
    get { cells[row * width + column] }
    set {
      guard (0..<height).contains(row), (0..<width).contains(column) else { return }
      cells[row * width + column] = newValue
    }
  }

  mutating func put(_ character: Character, _ row: Int, _ column: Int, _ style: TextStyle = .plain) {
    self[row, column] = Cell(character: character, style: style)
  }

  /// Writes from left to right.
  ///
  /// - Parameter limit: columns that may be used; what is longer ends in a full stop.
  /// - Returns: the column behind it.
  @discardableResult
  mutating func write(
    _ text: String, _ row: Int, _ column: Int, _ style: TextStyle = .plain, limit: Int = .max
  ) -> Int {
    let room = min(limit, width - column)
    guard room > 0 else { return column }
    let shown = text.count <= room ? text[...] : text.prefix(room - 1) + "."
    for (offset, character) in shown.enumerated() { put(character, row, column + offset, style) }
    return column + shown.count
  }

  /// Writes so that the text ends at the right edge.
  mutating func writeRight(_ text: String, _ row: Int, _ style: TextStyle = .plain) {
    write(text, row, max(0, width - text.count), style)
  }

  /// The rows as text, without trailing spaces.
  public var lines: [String] {
    (0..<height).map { row in
      var line = (0..<width).map { String(self[row, $0].character) }.joined()
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// The stretches of a row that look the same.
  func runs(row: Int) -> [(column: Int, style: TextStyle, text: String)] {
    var runs: [(column: Int, style: TextStyle, text: String)] = []
    for column in 0..<width {
      let cell = self[row, column]
      if let last = runs.last, last.style == cell.style {
        runs[runs.count - 1].text.append(cell.character)
      } else {
        runs.append((column, cell.style, String(cell.character)))
      }
    }
    return runs
  }
}
