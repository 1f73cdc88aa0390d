import Affect

/// The plane of valence (to the right) and arousal (upwards) with the point of now and its trail.
struct AffectPlane {
  let rows: Range<Int>
  let columns: Range<Int>
  let characters: CharacterSet

  /// Seconds that the trail is long.
  static let trail = 20.0

  func draw(_ state: MonitorState, on canvas: inout TextCanvas) {
    drawAxes(on: &canvas)
    guard let now = state.latest?.audioTime else { return }
    let isUnicode = characters != .ascii
    for moment in state.moments where moment.time > now - Self.trail {
      guard let affect = moment.affect else { continue }
      let age = (now - moment.time) / Self.trail
      let character: Character = isUnicode ? (age < 0.35 ? "•" : "·") : (age < 0.35 ? "o" : ".")
      let place = place(of: affect)
      canvas.put(character, place.row, place.column, age < 0.7 ? Self.style(of: affect) : .faint)
    }
    guard let affect = state.latest?.values?.smoothed else { return }
    let place = place(of: affect)
    canvas.put(
      isUnicode ? "●" : "@", place.row, place.column, state.latest?.isFrozen == true ? .strong : Self.style(of: affect))
  }

  private func drawAxes(on canvas: inout TextCanvas) {
    let isUnicode = characters != .ascii
    let centre = place(of: Affect(valence: 0, arousal: 0))
    for column in columns { canvas.put(isUnicode ? "─" : "-", centre.row, column, .faint) }
    for row in rows { canvas.put(isUnicode ? "│" : "|", row, centre.column, .faint) }
    canvas.put(isUnicode ? "┼" : "+", centre.row, centre.column, .faint)
    canvas.write("excited", rows.lowerBound, centre.column + 2, .faint)
    canvas.write("calm", rows.upperBound - 1, centre.column + 2, .faint)
    guard columns.count >= 30 else { return }
    canvas.write("negative", centre.row, columns.lowerBound, .faint)
    canvas.write("positive", centre.row, columns.upperBound - 8, .faint)
  }

  private func place(of affect: Affect) -> (row: Int, column: Int) {
    func step(_ value: Float, _ range: Range<Int>) -> Int {
      range.lowerBound + min(max(Int(((value + 1) / 2 * Float(range.count - 1)).rounded()), 0), range.count - 1)
    }
    return (step(-affect.arousal, rows), step(affect.valence, columns))
  }

  static func style(of affect: Affect) -> TextStyle {
    switch (affect.valence >= 0, affect.arousal >= 0) {
    case (true, true): .excitedPositive
    case (false, true): .excitedNegative
    case (false, false): .calmNegative
    case (true, false): .calmPositive
    }
  }
}
