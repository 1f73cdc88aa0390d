import Affect
import Monitor
import Publishing
import Testing

/// What is drawn of what affectd says.
@Suite struct MonitorViewTests {
  /// affectd's lines: a hello and one tick each half second.
  private func state(
    _ values: [(valence: Float, arousal: Float)?] = [(0.5, -0.5)], level: Float = -20, frozen: Bool = false,
    conditions: InputConditions = [], state: TrackerState = .tracking
  ) -> MonitorState {
    var monitor = MonitorState()
    _ = monitor.take(
      line: Array(
        #"{"type":"hello","protocol":1,"input":"alsa:hw:CARD=USB","embedding":"e","model":"deam-mlp","hop":0.5}"#.utf8))
    for (index, value) in values.enumerated() {
      let affect = value.map { Affect(valence: $0.valence, arousal: $0.arousal) }
      let estimate = AffectEstimate(
        tick: index + 1, audioTime: Double(index + 1) / 2,
        values: affect.map {
          AffectEstimate.Values(smoothed: $0, raw: $0, trend: .steady, quadrant: nil, confidence: 0.7)
        },
        level: level, state: state, gap: 0, isFrozen: frozen, conditions: conditions)
      let isTaken = monitor.take(line: bytes(estimate))
      #expect(isTaken)
    }
    return monitor
  }

  private func bytes(_ estimate: AffectEstimate) -> [UInt8] {
    Array(AffectLine(estimate, unixTime: 1000 + estimate.audioTime).json(nil).utf8)
  }

  private func draw(
    _ state: MonitorState, _ width: Int = 80, _ height: Int = 24, _ characters: CharacterSet = .unicode,
    _ change: (inout MonitorView.Surroundings) -> Void = { _ in }
  ) -> TextCanvas {
    var around = MonitorView.Surroundings()
    change(&around)
    return MonitorView(characters: characters).draw(state, around, width: width, height: height)
  }

  private func place(of character: Character, in canvas: TextCanvas) -> (row: Int, column: Int)? {
    for row in 0..<canvas.height {
      for column in 0..<canvas.width where canvas[row, column].character == character { return (row, column) }
    }
    return nil
  }

  @Test func everySizeCanBeDrawn() {
    let values = (0..<150).map { index -> (valence: Float, arousal: Float)? in
      let share = Float(index) / 75
      return index % 7 == 0 ? nil : (share - 1, 1 - share)
    }
    var long = state(values)
    _ = long.take(line: Array(#"{"type":"mark","label":"solo","unix_time":1010}"#.utf8))
    for characters in [CharacterSet.ascii, .blocks, .unicode] {
      for height in 0...45 {
        for width in [0, 1, 2, 5, 10, 19, 23, 24, 25, 39, 40, 59, 60, 61, 80, 121, 200] {
          let canvas = draw(long, width, height, characters) { $0.showsHelp = width % 2 == 0 }
          #expect(canvas.width == width && canvas.height == height)
          _ = draw(long, width, height, characters) { $0.missing = ("socket /x: No such file", 0) }
        }
      }
    }
  }

  @Test(arguments: [(80, 24), (120, 40), (40, 12)]) func theNumbersAreThoseOfTheLine(_ width: Int, _ height: Int) {
    let lines = draw(state([(0.456, -0.1234)]), width, height).lines
    #expect(lines.contains { $0.contains("valence +0.46") } && lines.contains { $0.contains("arousal -0.12") })
    #expect(lines.contains { $0.contains("confidence 0.70") } && lines.contains { $0.contains("level  -20.0 dBFS") })
    #expect(lines[0].hasSuffix(" tracking") && lines[0].contains("affectd") && lines[0].contains("alsa:hw:CARD=USB"))
    #expect(lines.allSatisfy { $0.count <= width })
  }

  @Test func thePointLiesWhereTheValuesAre() throws {
    for (valence, arousal, style) in [
      (Float(0.8), Float(0.8), TextStyle.excitedPositive), (-0.8, 0.8, .excitedNegative), (-0.8, -0.8, .calmNegative),
      (0.8, -0.8, .calmPositive),
    ] {
      let canvas = draw(state([(valence, arousal)]))
      let axes = try #require(place(of: "┼", in: canvas))
      let point = try #require(place(of: "●", in: canvas))
      #expect((point.column > axes.column) == (valence > 0) && (point.row < axes.row) == (arousal > 0))
      #expect(canvas[point.row, point.column].style == style)
    }
  }

  /// Ticks in one corner, then in the other.
  private func stretches(before: Int, after: Int) -> [(valence: Float, arousal: Float)?] {
    (0..<before + after).map { $0 < before ? (-0.9, 0.9) : (0.9, -0.9) }
  }

  @Test func theTrailFadesAndEnds() {
    // 30 s at one place, then 10 s at another: the first is half a trail old and more.
    let canvas = draw(state(stretches(before: 60, after: 20)))
    #expect(place(of: "·", in: canvas) != nil)
    let later = draw(state(stretches(before: 60, after: 41)))
    #expect(place(of: "·", in: later) == nil)
  }

  @Test func thePlainestTerminalGetsASCII() {
    var marked = state([(0.5, 0.5), nil, (0.4, 0.4)])
    _ = marked.take(line: Array(#"{"type":"mark","label":"Größe 大","unix_time":1010}"#.utf8))
    for (width, height) in [(80, 24), (120, 40), (40, 12)] {
      #expect(draw(marked, width, height, .ascii).lines.allSatisfy { $0.allSatisfy(\.isASCII) })
    }
    #expect(place(of: "@", in: draw(marked, 80, 24, .ascii)) != nil)
  }

  /// A label that somebody sends must not do anything to the terminal.
  @Test func whatComesFromOutsideIsShownAndNothingElse() {
    var marked = state()
    _ = marked.take(line: Array(#"{"type":"mark","label":"a\u001b[2J\u0007\u009b\r\nb","unix_time":1010}"#.utf8))
    for characters in [CharacterSet.ascii, .unicode] {
      let lines = draw(marked, 80, 24, characters).lines
      let scalars = lines.joined().unicodeScalars
      #expect(scalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
      #expect(lines.contains { $0.contains("marks: a?[2J") })
    }
  }

  @Test func frozenPausedAndHeldCanBeSeen() throws {
    #expect(draw(state(frozen: true)).lines[0].hasSuffix("FROZEN"))
    var paused = state()
    paused.take(state: try #require(JSONValue(Array(#"{"paused":true,"state":"tracking","osc":{}}"#.utf8))))
    #expect(draw(paused).lines[0].hasSuffix("PAUSED"))
    let silent = draw(state(state: .silent)).lines
    #expect(silent[0].hasSuffix("silent"))
    #expect(silent.contains { $0.contains("quieter than the silence threshold") })
    #expect(draw(state(conditions: .clipping)).lines.contains { $0.contains("clipping: the input clips") })
  }

  @Test func withoutValuesThereIsNoPoint() {
    let canvas = draw(state([nil, nil], state: .warmingUp))
    #expect(place(of: "●", in: canvas) == nil)
    #expect(canvas.lines.contains { $0.contains("valence -") })
  }

  @Test func theLevelIsABarWithItsPeak() {
    // A peak of -6 dBFS, and half a second later -40: the peak has fallen by 3 dB.
    var loud = state([(0, 0)], level: -6)
    let quiet = AffectEstimate(tick: 2, audioTime: 1, values: nil, level: -40, state: .tracking, gap: 0)
    _ = loud.take(line: bytes(quiet))
    let canvas = draw(loud)
    let row = canvas.lines.first { $0.contains("level") } ?? ""
    #expect(row.contains("peak   -9.0"))
    let (full, empty) = (row.count { $0 == "█" }, row.count { $0 == "░" })
    // A third of the scale from -60 to 0.
    #expect(abs(Double(full) / Double(full + empty + 1) - 1 / 3) < 0.05)
    #expect(row.contains("┃"))
  }

  @Test func curvesAreDrawnFromTheLeft() {
    // A minute of ticks that rise: the curve goes from the lower left to the upper right.
    let canvas = draw(state((0..<120).map { index in (valence: Float(index) / 60 - 1, arousal: Float(0)) }))
    let dots = (0..<canvas.height).flatMap { row in
      (0..<canvas.width).compactMap { column -> (row: Int, column: Int)? in
        canvas[row, column].style == .valence && ("\u{2801}"..."\u{28FF}").contains(canvas[row, column].character)
          ? (row, column) : nil
      }
    }
    #expect(dots.count >= 39)
    let (first, last) = (dots.min { $0.column < $1.column }, dots.max { $0.column < $1.column })
    #expect((first?.row ?? 0) - (last?.row ?? 0) >= 5)
    // Without a break: every column has a dot.
    #expect(Set(dots.map(\.column)).count == (last?.column ?? 0) - (first?.column ?? 0) + 1)
  }

  @Test func aNewStreamBeginsAnew() {
    var monitor = state(Array(repeating: (0.5, 0.5), count: 40))
    let estimate = AffectEstimate(tick: 1, audioTime: 0.5, values: nil, level: -30, state: .warmingUp, gap: 0)
    _ = monitor.take(line: bytes(estimate))
    #expect(monitor.moments.count == 1)
  }

  @Test func aDeskThatCannotBeReachedIsTold() throws {
    var monitor = state()
    monitor.take(
      state: try #require(
        JSONValue(
          Array(
            #"{"state":"tracking","osc":{"desk":{"host":"10.0.0.9","problem":"Network is unreachable"},"lights":{"host":"127.0.0.1"}},"mqtt":{"broker":{"host":"broker:1883","problem":"cannot connect: refused"}},"dmx":{"stage":{"host":"239.255.0.1"}}}"#
              .utf8))))
    monitor.take(
      stats: try #require(
        JSONValue(
          Array(
            #"{"socket":{"clients":3},"web":{"clients":2},"latency":{"audio_to_packet":{"p50":0.0123,"p99":0.0234}}}"#
              .utf8))))
    let lines = draw(monitor).lines
    #expect(lines.contains { $0.contains("OSC desk: Network is unreachable") })
    #expect(lines.contains { $0.contains("MQTT broker: cannot connect: refused") })
    #expect(lines.contains { $0.contains("OSC goes to lights (127.0.0.1)") })
    #expect(lines.contains { $0.contains("DMX goes to stage (239.255.0.1)") })
    #expect(lines.contains { $0.contains("latency 12.3 ms, p99 23.4 ms   3 clients, 2 web") })
  }

  @Test func whoIsMissingIsLookedFor() {
    let lines = draw(MonitorState()) {
      $0.missing = ("socket /run/x: No such file or directory", 10)
      $0.now = 17
    }.lines
    #expect(lines.contains { $0.contains("affectd is not running") })
    #expect(lines.contains { $0.contains("systemctl --user start affectd") })
    #expect(lines.contains { $0.contains("Looked for it for 7 s") })
  }

  @Test func garbageChangesNothing() {
    var monitor = state()
    for line in ["", "{", #"{"type":"affect"}"#, #"{"type":"new","x":1}"#, #"{"type":"affect","seq":-1}"#, "\u{0}"] {
      let isTaken = monitor.take(line: Array(line.utf8))
      #expect(!isTaken)
    }
    monitor.take(state: .null)
    monitor.take(stats: .array([]))
    #expect(monitor.latest?.tick == 1)
  }
}
