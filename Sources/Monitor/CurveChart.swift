/// A curve over time in a few rows of cells, from -1 at the bottom to 1 at the top.
struct CurveChart {
  let rows: Range<Int>
  let columns: Range<Int>
  let characters: CharacterSet
  let style: TextStyle

  /// Share of the width that a step may take at most: 5 s, the longest hop, in a minute.
  private static let longestStep = 5.1 / 60

  /// - Parameter points: places from 0 (left) to 1 (right) with the values there, and whether they follow the music.
  func draw(_ points: [(place: Double, value: Float, isLive: Bool)], on canvas: inout TextCanvas) {
    let middle = rows.lowerBound + (rows.count - 1) / 2
    let line: Character = characters == .ascii ? "-" : "╌"
    if rows.count % 2 == 1 { for column in columns { canvas.put(line, middle, column, .faint) } }
    guard characters == .unicode else { return drawCells(points, on: &canvas) }
    // A cell of Braille has two columns of four dots (Unicode 15, "Braille Patterns").
    var dots: [Int: (bits: UInt8, isLive: Bool)] = [:]
    let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    var last: (x: Int, y: Int)?
    var before = 0.0
    for point in points {
      let x = min(max(Int(point.place * Double(2 * columns.count)), 0), 2 * columns.count - 1)
      let y = row(of: point.value, steps: 4 * rows.count)
      // A line from the point before, unless something is missing between them.
      var start = (x: x, y: y)
      if let last, point.place - before <= Self.longestStep { start = last }
      var from = start.y
      for column in start.x...max(start.x, x) {
        let share = x > start.x ? Double(column - start.x) / Double(x - start.x) : 1
        let to = start.y + Int((share * Double(y - start.y)).rounded())
        for step in min(from, to)...max(from, to) {
          let key = step / 4 * columns.count + column / 2
          let dot = dots[key] ?? (0, false)
          dots[key] = (dot.bits | bits[column % 2][step % 4], dot.isLive || point.isLive)
        }
        from = to
      }
      (last, before) = ((x, y), point.place)
    }
    for (key, dot) in dots {
      guard let scalar = Unicode.Scalar(0x2800 + UInt32(dot.bits)) else { continue }
      canvas.put(
        Character(scalar), rows.lowerBound + key / columns.count, columns.lowerBound + key % columns.count,
        dot.isLive ? style : .faint)
    }
  }

  private func drawCells(_ points: [(place: Double, value: Float, isLive: Bool)], on canvas: inout TextCanvas) {
    for point in points {
      let column = columns.lowerBound + min(max(Int(point.place * Double(columns.count)), 0), columns.count - 1)
      let steps = characters == .ascii ? 1 : 2
      let step = row(of: point.value, steps: steps * rows.count)
      let character: Character = characters == .ascii ? "*" : step % 2 == 0 ? "▀" : "▄"
      canvas.put(character, rows.lowerBound + step / steps, column, point.isLive ? style : .faint)
    }
  }

  /// The step from the top, of so many.
  private func row(of value: Float, steps: Int) -> Int {
    min(max(Int(((1 - value) / 2 * Float(steps - 1)).rounded()), 0), steps - 1)
  }
}
