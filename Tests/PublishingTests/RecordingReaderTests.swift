import Affect
import Platform
import Publishing
import TestSupport
import Testing

/// Lines that were published, read back.
@Suite struct RecordingReaderTests {
  private static let hello = HelloLine(input: "demo", embedding: "e", model: "m", hop: .standard).json
  private static let full = AffectEstimate(
    tick: 7, audioTime: 3.5,
    values: .init(
      smoothed: Affect(valence: 0.1, arousal: -0.3), raw: Affect(valence: -1, arousal: 1),
      trend: AffectTrend(valence: 0.7, arousal: -12.5), quadrant: .two, confidence: 0.25),
    level: -23.45, state: .tracking, gap: 0.125, isFrozen: true)
  private static let held = AffectEstimate(
    tick: 8, audioTime: 4, values: .init(smoothed: .neutral, raw: nil), level: -120, state: .silent)
  private static let empty = AffectEstimate(tick: 9, audioTime: 4.5, values: nil, level: 0, state: .warmingUp)
  private static let unixTime = 1_700_000_000.123456

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A reader that has read the hello line.
  private func reader() throws -> RecordingReader {
    var reader = RecordingReader()
    _ = try reader.entry(bytes(Self.hello))
    return reader
  }

  private func problem(_ line: String) throws -> String {
    var reader = try reader()
    let error = try #require(throws: Failure.self) { _ = try reader.entry(bytes(line)) }
    #expect(error.code == .invalidData)
    return error.description
  }

  // MARK: - What was written

  @Test(arguments: [full, held, empty])
  func estimatesComeBack(_ estimate: AffectEstimate) throws {
    var reader = try reader()
    let entry = try reader.entry(bytes(AffectLine(estimate, unixTime: Self.unixTime).json))
    guard case .estimate(let timed) = entry else {
      Issue.record("\(String(describing: entry)) is no estimate")
      return
    }
    #expect(timed.estimate == estimate)
    #expect(timed.unixTime == Self.unixTime && entry?.unixTime == Self.unixTime)
    #expect(timed.timing == nil)
  }

  @Test func theHopComesBack() throws {
    var reader = RecordingReader()
    let entry = try reader.entry(
      bytes(HelloLine(input: "a", embedding: "b", model: "c", hop: try #require(Hop(seconds: 0.05))).json))
    guard case .hello(let hop) = entry else {
      Issue.record("\(String(describing: entry)) is no hello")
      return
    }
    #expect(hop.seconds == 0.05)
    #expect(entry?.unixTime == nil)
  }

  @Test(arguments: TrackerState.allCases)
  func statesComeBack(_ expected: TrackerState) throws {
    var reader = try reader()
    let entry = try reader.entry(bytes(StateLine(expected, unixTime: Self.unixTime).json))
    guard case .state(let state, Self.unixTime) = entry else {
      Issue.record("\(String(describing: entry)) is no state")
      return
    }
    #expect(state == expected)
  }

  @Test(arguments: ["", "drop", "\"é\\\n\u{1}🎵"])
  func marksComeBack(_ expected: String) throws {
    var reader = try reader()
    let entry = try reader.entry(bytes(MarkLine(label: expected, unixTime: Self.unixTime).json))
    guard case .mark(let label, Self.unixTime) = entry else {
      Issue.record("\(String(describing: entry)) is no mark")
      return
    }
    #expect(label == expected)
  }

  @Test(arguments: [
    "", "   ", "\r", #"{"type":"weather","wind":7}"#, #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    #"{"type":"later","label":null}"#,
  ])
  func otherLinesArePassedOver(_ line: String) throws {
    var reader = try reader()
    #expect(try reader.entry(bytes(line)) == nil)
  }

  @Test func carriageReturnsAreSpace() throws {
    var reader = RecordingReader()
    #expect(try reader.entry(bytes(Self.hello + "\r")) != nil)
  }

  // MARK: - What is wrong

  @Test func theNumberOfTheLineIsNamed() throws {
    var reader = RecordingReader()
    let good = bytes(AffectLine(Self.full, unixTime: Self.unixTime).json)
    for line in [bytes(Self.hello), good, [], good] { _ = try reader.entry(line) }
    let error = try #require(throws: Failure.self) { _ = try reader.entry(bytes("nonsense")) }
    #expect(error.description.hasPrefix("line 5 "))
    #expect(try reader.entry(good) != nil)
    let next = try #require(throws: Failure.self) { _ = try reader.entry(bytes("{}")) }
    #expect(next.description.hasPrefix("line 7 "))
  }

  @Test(arguments: [
    AffectLine(full, unixTime: unixTime).json, StateLine(.tracking, unixTime: unixTime).json,
    MarkLine(label: "a", unixTime: unixTime).json, #"{"type":"weather"}"#,
  ])
  func withoutHelloNothingIsRead(_ line: String) throws {
    var reader = RecordingReader()
    let error = try #require(throws: Failure.self) { _ = try reader.entry(bytes(line)) }
    #expect(error.description.contains("line 1 ") && error.description.contains("hello"))
  }

  @Test(arguments: [
    (#"{"type":"hello","hop":0.5}"#, "protocol"), (#"{"type":"hello","protocol":2,"hop":0.5}"#, "protocol"),
    (#"{"type":"hello","protocol":"1","hop":0.5}"#, "protocol"), (#"{"type":"hello","protocol":1}"#, "'hop'"),
    (#"{"type":"hello","protocol":1,"hop":0}"#, "'hop'"), (#"{"type":"hello","protocol":1,"hop":1e300}"#, "'hop'"),
    (#"{"type":"hello","protocol":1,"hop":"0.5"}"#, "'hop'"),
  ])
  func anotherProtocolIsRefused(_ line: String, _ expected: String) throws {
    var reader = RecordingReader()
    let error = try #require(throws: Failure.self) { _ = try reader.entry(bytes(line)) }
    #expect(error.description.contains("line 1 ") && error.description.contains(expected))
    // It is not taken for the beginning either.
    #expect(throws: Failure.self) {
      _ = try reader.entry(bytes(MarkLine(label: "a", unixTime: Self.unixTime).json))
    }
  }

  /// Members of a good line, in place of which come others.
  @Test(
    arguments: [
      ("seq", "0"), ("seq", "-1"), ("seq", "1.5"), ("seq", "1e300"), ("seq", "\"7\""), ("seq", nil),
      ("audio_time", "-0.5"), ("audio_time", "null"), ("audio_time", nil), ("unix_time", "-1"), ("unix_time", "1e300"),
      ("unix_time", "32503680001"), ("unix_time", nil), ("valence", "1.01"), ("valence", "-2"), ("valence", "1e300"),
      ("valence", "null"), ("valence", nil), ("arousal", "\"0\""), ("arousal", nil), ("level", "null"), ("level", nil),
      ("level", "1e300"), ("level", "-1e39"), ("raw", "{}"), ("raw", "null"), ("raw", #"{"valence":2,"arousal":0}"#),
      ("trend", "{}"), ("trend", #"{"valence":1e300,"arousal":0}"#), ("trend", "7"), ("quadrant", "0"),
      ("quadrant", "5"), ("quadrant", "1.5"), ("quadrant", "1e300"), ("quadrant", "\"1\""), ("confidence", "1.01"),
      ("confidence", "-0.01"), ("confidence", "1e300"), ("confidence", "null"), ("state", "\"happy\""), ("state", "1"),
      ("state", nil),
    ] as [(String, String?)])
  func valuesOutOfTheirRangeAreNamed(_ name: String, _ text: String?) throws {
    let good = try #require(JSONValue(bytes(AffectLine(Self.full, unixTime: Self.unixTime).json)))
    guard case .object(var members) = good else { return }
    #expect(members[name] != nil)
    members[name] = try text.map { try #require(JSONValue(bytes($0))) }
    let description = try problem(JSONValue.object(members).text)
    // What is within an object is named by itself.
    let isNamed = ["'\(name)'", "'valence'"].contains { description.contains($0) }
    #expect(description.hasPrefix("line 2 ") && isNamed, "\(description)")
  }

  @Test(arguments: [
    (#"{"type":"state","state":"tracking"}"#, "'unix_time'"), (#"{"type":"state","unix_time":1}"#, "'state'"),
    (#"{"type":"state","state":"asleep","unix_time":1}"#, "'state'"), (#"{"type":"mark","unix_time":1}"#, "'label'"),
    (#"{"type":"mark","label":7,"unix_time":1}"#, "'label'"), (#"{"type":"mark","label":"a"}"#, "'unix_time'"),
    (#"{"type":"mark","label":"\#(String(repeating: "x", count: 201))","unix_time":1}"#, "200 bytes"),
    ("nonsense", "no line"), ("[1]", "no line"), ("{}", "no line"), (#"{"type":7}"#, "no line"),
    (#"{"type":"mark","label":"a","unix_time":1"#, "no line"),
  ])
  func brokenLinesAreNamed(_ line: String, _ expected: String) throws {
    let description = try problem(line)
    #expect(description.hasPrefix("line 2 ") && description.contains(expected), "\(description)")
  }

  @Test func aLineThatIsTooLongIsRefused() throws {
    let line = #"{"type":"weather","padding":""#
    func padded(_ count: Int) -> String { line + String(repeating: "x", count: count - line.utf8.count - 2) + "\"}" }
    var reader = try reader()
    #expect(try reader.entry(bytes(padded(RecordingReader.lineLimit))) == nil)
    #expect(try problem(padded(RecordingReader.lineLimit + 1)).contains("65536"))
  }

  @Test func deepNestingDoesNoHarm() throws {
    #expect(try problem(String(repeating: "[", count: RecordingReader.lineLimit)).hasPrefix("line 2 "))
    #expect(try problem(String(repeating: "{\"a\":", count: RecordingReader.lineLimit / 5)).hasPrefix("line 2 "))
  }

  @Test func changedRecordingsAreReadInTheirRangesOrRefused() {
    let lines = [
      Self.hello, AffectLine(Self.full, unixTime: Self.unixTime).json, StateLine(.silent, unixTime: Self.unixTime).json,
      AffectLine(Self.held, unixTime: Self.unixTime).json, MarkLine(label: "drop", unixTime: Self.unixTime).json,
      AffectLine(Self.empty, unixTime: Self.unixTime).json,
    ]
    var generator = SeededGenerator(seed: 4)
    var (read, refused) = (0, 0)
    for _ in 0..<1000 {
      var reader = RecordingReader()
      let changed = Int.random(in: lines.indices, using: &generator)
      for (index, line) in lines.enumerated() {
        var line = bytes(line)
        if index == changed {
          for _ in 0..<Int.random(in: 1...3, using: &generator) { line.change(using: &generator) }
        }
        do throws(Failure) {
          guard let entry = try reader.entry(line) else { continue }
          read += 1
          #expect(isInRange(entry), "\(String(decoding: line, as: UTF8.self))")
        } catch {
          refused += 1
          #expect(error.code == .invalidData && error.description.hasPrefix("line \(index + 1) "))
        }
      }
    }
    #expect(read > 1000 && refused > 300)
  }

  /// A recording is published again, so it must keep what the protocol promises.
  private func isInRange(_ entry: RecordingReader.Entry) -> Bool {
    switch entry {
    case .hello(let hop): return Hop.range.contains(hop.seconds)
    case .state(_, let time): return time >= 0 && time.isFinite
    case .mark(let label, let time): return label.utf8.count <= ControlCommand.labelLimit && time >= 0 && time.isFinite
    case .estimate(let timed):
      let estimate = timed.estimate
      guard estimate.tick > 0, estimate.audioTime >= 0, estimate.audioTime.isFinite, estimate.level.isFinite,
        estimate.gap >= 0, estimate.gap.isFinite, timed.unixTime >= 0, timed.unixTime.isFinite
      else { return false }
      guard let values = estimate.values else { return true }
      return values.trend.valence.isFinite && values.trend.arousal.isFinite && (0...1).contains(values.confidence ?? 0)
    }
  }
}
