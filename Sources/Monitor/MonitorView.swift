import Affect
internal import Publishing

/// Draws what is known of affectd, for a terminal of any size.
public struct MonitorView: Sendable {
  /// What the person has to be told beside the values.
  public struct Surroundings: Sendable {
    /// Where affectd was looked for without success, and since when, seconds of the clock; nil while it is there.
    public var missing: (reason: String, since: Double)?
    /// Since when nothing has come from an affectd that is there, seconds of the clock; nil as long as it answers.
    public var silentSince: Double?
    /// Seconds of the clock.
    public var now = 0.0
    /// What was said last: the answer to a key, or a line of the log.
    public var message: String?
    /// The label that is being typed.
    public var markText: String?
    public var showsHelp = false

    public init() {}
  }

  private let characters: CharacterSet
  /// Whether affectd ends with the view.
  private let endsDaemon: Bool

  public init(characters: CharacterSet, endsDaemon: Bool = false) {
    self.characters = characters
    self.endsDaemon = endsDaemon
  }

  private var help: [String] {
    [
      "f  freeze the values, or let them go again", "p  pause publishing, or go on", "r  resume: ends both",
      "m  put a mark into the stream", endsDaemon ? "q  end affectd" : "q  leave; affectd goes on", "?  this help",
    ]
  }
  private var keys: String { "f freeze  p pause  r resume  m mark  ? help  q \(endsDaemon ? "end" : "leave")" }

  public func draw(_ state: MonitorState, _ around: Surroundings, width: Int, height: Int) -> TextCanvas {
    var canvas = TextCanvas(width: width, height: height)
    guard width > 0, height > 0 else { return canvas }
    if let missing = around.missing {
      drawMissing(missing, around, on: &canvas)
    } else if let start = around.silentSince {
      write(
        [
          ("affectd does not answer", .alarm), ("", .plain),
          ("It hangs, or was stopped with SIGSTOP or Ctrl-Z.", .plain), ("kill -CONT wakes a stopped one.", .plain),
          ("", .plain), ("Nothing has come for \(max(0, Int(around.now - start))) s.", .faint),
        ], on: &canvas)
    } else {
      drawHeader(state, on: &canvas)
      drawBody(state, on: &canvas)
    }
    if around.showsHelp { drawHelp(on: &canvas) }
    drawFooter(around, on: &canvas)
    return canvas
  }

  // MARK: - Parts

  private func drawHeader(_ state: MonitorState, on canvas: inout TextCanvas) {
    var flags = Self.name(of: state.trackerState)
    var style = state.trackerState == .tracking ? TextStyle.good : .warning
    if state.latest?.isFrozen == true { (flags, style) = ("FROZEN", .reversed) }
    if state.isPaused { (flags, style) = ("PAUSED", .reversed) }
    let room = canvas.width - flags.count - 3
    canvas.write("affectd", 0, 1, .strong, limit: room)
    canvas.write("\(printable(state.input))  \(printable(state.model))", 0, 10, limit: room - 10)
    canvas.writeRight(" \(flags) ", 0, style)
  }

  private func drawBody(_ state: MonitorState, on canvas: inout TextCanvas) {
    let details = details(state, width: canvas.width)
    // The plane first, then as many details as there is room for.
    let room = canvas.height - 2
    let detailCount = min(details.count, max(1, room - 10))
    let rows = 1..<max(1, canvas.height - 1 - detailCount)
    for (index, detail) in details.prefix(detailCount).enumerated() {
      canvas.write(detail.text, rows.upperBound + index, 1, detail.style)
    }
    drawLevel(state, row: rows.upperBound, on: &canvas)
    guard rows.count >= 3, canvas.width >= 24 else { return drawNumbers(state, rows, 1, on: &canvas) }
    // Cells are twice as high as wide.
    let planeWidth = min(2 * rows.count - 1, canvas.width * (canvas.width < 60 ? 55 : 45) / 100)
    AffectPlane(rows: rows, columns: 1..<1 + planeWidth, characters: characters).draw(state, on: &canvas)
    drawNumbers(state, rows, planeWidth + 4, on: &canvas)
  }

  /// The two values with their curves, right of the plane.
  private func drawNumbers(_ state: MonitorState, _ rows: Range<Int>, _ left: Int, on canvas: inout TextCanvas) {
    let values = state.latest?.values
    let charts: [(name: String, value: Float?, dimension: KeyPath<Affect, Float>, style: TextStyle)] = [
      ("valence", values?.smoothed.valence, \.valence, .valence),
      ("arousal", values?.smoothed.arousal, \.arousal, .arousal),
    ]
    let height = rows.count / 2
    let right = canvas.width - 1
    for (index, chart) in charts.enumerated() {
      let top = rows.lowerBound + index * height
      guard top < rows.upperBound else { return }
      let end = canvas.write(chart.name, top, left, chart.style)
      canvas.write(chart.value.map(Self.signed) ?? "-", top, end + 1, .strong)
      guard height >= 3, right - left >= 24 else { continue }
      // An odd number of rows has a line at zero.
      let chartRows = top + 1..<top + height - (height % 2 == 0 ? 0 : 1)
      let columns = left..<right
      for mark in state.marks {
        guard let time = mark.time, time > state.time - MonitorState.span else { continue }
        let column = columns.lowerBound + Int(place(time, state) * Double(columns.count - 1))
        for row in chartRows { canvas.put(characters == .ascii ? "|" : "┆", row, column, .faint) }
      }
      CurveChart(rows: chartRows, columns: columns, characters: characters, style: chart.style).draw(
        state.moments.compactMap { moment in
          moment.affect.map { (place(moment.time, state), $0[keyPath: chart.dimension], moment.isLive) }
        }, on: &canvas)
    }
    if let confidence = values?.confidence {
      let text = "confidence \(Double(confidence).fixed(2))"
      if left + 14 + text.count < right {
        canvas.write(text, rows.lowerBound, right - text.count, .faint)
      } else if rows.count > 4 {
        canvas.write(text, rows.lowerBound + height - 1, left, .faint)
      }
    }
  }

  private func place(_ time: Double, _ state: MonitorState) -> Double {
    1 - (state.time - time) / MonitorState.span
  }

  private func drawLevel(_ state: MonitorState, row: Int, on canvas: inout TextCanvas) {
    guard let level = state.latest?.level else { return }
    let text = "level \(Self.padded(Double(level).fixed(1), 6)) dBFS "
    let start = canvas.write(text, row, 1)
    let peak = canvas.width >= 50 ? " peak \(Self.padded(Double(state.peak).fixed(1), 6)) " : " "
    let columns = start..<max(start, canvas.width - peak.count)
    let range: ClosedRange<Float> = -60...0
    func cell(_ decibels: Float) -> Int {
      let share = (decibels - range.lowerBound) / (range.upperBound - range.lowerBound)
      return columns.lowerBound + Int(min(max(share, 0), 1) * Float(columns.count))
    }
    let isUnicode = characters != .ascii
    for column in columns {
      let isLoud = column >= cell(-6)
      let isFull = column < cell(level)
      canvas.put(
        isFull ? (isUnicode ? "█" : "#") : (isUnicode ? "░" : "."), row, column,
        isFull ? (isLoud ? .alarm : .good) : .faint)
    }
    if state.peak > range.lowerBound {
      canvas.put(isUnicode ? "┃" : "|", row, min(cell(state.peak), columns.upperBound - 1), .strong)
    }
    canvas.write(peak, row, columns.upperBound)
  }

  /// The lines below the plane, the most important first. The first is the level's.
  private func details(_ state: MonitorState, width: Int) -> [(text: String, style: TextStyle)] {
    var lines: [(text: String, style: TextStyle)] = [("", .plain)]
    if state.trackerState != .tracking { lines.append((state.trackerState.meaning, .warning)) }
    for known in InputConditions.all where state.latest?.conditions.contains(known.condition) == true {
      lines.append(("\(known.name.replacing("_", with: " ")): \(known.advice)", .warning))
    }
    for destination in state.destinations where destination.problem != nil {
      lines.append(
        ("\(destination.kind) \(printable(destination.name)): \(printable(destination.problem ?? ""))", .alarm))
    }
    var facts = ["a value every \(state.hop.fixed(2)) s"]
    if let latency = state.latency {
      facts.append("latency \((1000 * latency.p50).fixed(1)) ms, p99 \((1000 * latency.p99).fixed(1)) ms")
    }
    if let clients = state.clients {
      let web = state.webClients.map { ", \($0) web" } ?? ""
      facts.append("\(clients) \(clients == 1 ? "client" : "clients")\(web)")
    }
    lines.append((facts.joined(separator: "   "), .plain))
    for kind in OutputKind.allCases {
      let fine = state.destinations.filter { $0.kind == kind.title && $0.problem == nil }
        .map { "\(printable($0.name)) (\(printable($0.host)))" }
      if !fine.isEmpty { lines.append(("\(kind.title) goes to \(fine.joined(separator: ", "))", .plain)) }
    }
    if !state.marks.isEmpty {
      let marks = state.marks.suffix(4).reversed().map { mark in
        let label = mark.label.isEmpty ? "mark" : printable(mark.label)
        let age = mark.time.map { " \(Int(state.time - $0)) s ago" } ?? ""
        return label + age
      }
      lines.append(("marks: \(marks.joined(separator: ", "))", .plain))
    }
    return lines
  }

  private func drawMissing(
    _ missing: (reason: String, since: Double), _ around: Surroundings, on canvas: inout TextCanvas
  ) {
    let seconds = max(0, Int(around.now - missing.since))
    let lines: [(String, TextStyle)] = [
      ("affectd is not running", .alarm), ("", .plain), ("Start it:", .plain),
      ("  systemctl --user start affectd", .strong), ("or, to try it out:", .plain),
      ("  affectd --input demo", .strong), ("", .plain),
      ("Looked for it for \(seconds) s; once a second.", .faint),
      (printable(missing.reason), .faint),
    ]
    write(lines, on: &canvas)
  }

  /// In the middle, in the place of the values.
  private func write(_ lines: [(String, TextStyle)], on canvas: inout TextCanvas) {
    let top = max(0, canvas.height / 2 - 4)
    for (index, line) in lines.enumerated() where top + index < canvas.height - 1 {
      canvas.write(line.0, top + index, 2, line.1)
    }
  }

  private func drawHelp(on canvas: inout TextCanvas) {
    let width = min(canvas.width, (help.map(\.count).max() ?? 0) + 4)
    let left = (canvas.width - width) / 2
    let top = max(0, (canvas.height - help.count - 2) / 2)
    for row in top..<top + help.count + 2 {
      canvas.write(String(repeating: " ", count: width), row, left, .reversed)
    }
    for (index, line) in help.enumerated() {
      canvas.write(line, top + 1 + index, left + 2, .reversed, limit: width - 4)
    }
  }

  private func drawFooter(_ around: Surroundings, on canvas: inout TextCanvas) {
    let row = canvas.height - 1
    for column in 0..<canvas.width { canvas.put(" ", row, column) }
    if let text = around.markText {
      let shown = "mark: \(printable(text))"
      canvas.write(String(shown.suffix(canvas.width - 3)) + "_", row, 1, .strong)
    } else if let message = around.message {
      canvas.write(printable(message), row, 1, .strong)
    } else {
      canvas.write(canvas.width >= keys.count + 2 ? keys : String(keys.suffix(15)), row, 1, .faint)
    }
  }

  // MARK: - Texts

  /// What a terminal can show of a text that came from outside: control characters would do as they like.
  func printable(_ text: String) -> String {
    String(
      text.map { character in
        guard characters != .ascii else { return character.isASCII && !Self.isControl(character) ? character : "?" }
        return CharacterWidth.isOne(character) ? character : "?"
      })
  }

  private static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
  }

  static func signed(_ value: Float) -> String {
    "\(value < 0 ? "-" : "+")\(Double(abs(value)).fixed(2))"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func name(of state: TrackerState) -> String {
    switch state {
    case .warmingUp: "warming up"
    case .noMusic: "no music"
    default: state.rawValue
    }
  }
}
