internal import Affect
internal import Publishing

/// The value as what a setting wants, or the problem that says what it wants.
extension SettingValue {
  /// Not empty.
  func text(_ expected: String = "a text in quotes") throws(SettingProblem) -> String {
    guard case .text(let text) = self, !text.isEmpty else { throw .expected(expected, found: self) }
    return text
  }

  /// A text without control characters.
  ///
  /// - Parameter limit: the most bytes that it may have.
  func name(limit: Int) throws(SettingProblem) -> String {
    try choice("a text in quotes of at most \(limit) bytes") { text in
      let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
      return !text.isEmpty && text.utf8.count <= limit && isPlain ? text : nil
    }
  }

  /// - Parameter limit: the most bytes that the path may have.
  func path(limit: Int = .max) throws(SettingProblem) -> String {
    let expected = limit == .max ? "a path in quotes" : "a path in quotes of at most \(limit) bytes"
    let path = try text(expected)
    guard path.utf8.count <= limit else { throw .expected(expected, found: self) }
    return path
  }

  func boolean() throws(SettingProblem) -> Bool {
    guard case .boolean(let value) = self else { throw .expected("true or false", found: self) }
    return value
  }

  /// - Parameter unit: as in "a number of seconds", nil for plain numbers.
  func number(_ unit: String? = nil, in range: ClosedRange<Double>) throws(SettingProblem) -> Double {
    let number: Double? =
      switch self {
      case .whole(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    guard let number, range.contains(number) else {
      let kind = unit.map { "a number of \($0)" } ?? "a number"
      throw .expected("\(kind) from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))", found: self)
    }
    return number
  }

  func number(_ unit: String? = nil, in range: ClosedRange<Float>) throws(SettingProblem) -> Float {
    // By the digits, so that a bound of 0.1 is the 0.1 that a person writes.
    func wide(_ value: Float) -> Double { Double(value.description) ?? Double(value) }
    return Float(try number(unit, in: wide(range.lowerBound)...wide(range.upperBound)))
  }

  func whole(in range: ClosedRange<Int>) throws(SettingProblem) -> Int {
    guard case .whole(let number) = self, range.contains(number) else {
      throw .expected("a whole number from \(range.lowerBound) to \(range.upperBound)", found: self)
    }
    return number
  }

  func list(_ expected: String) throws(SettingProblem) -> [SettingValue] {
    guard case .list(let values) = self else { throw .expected(expected, found: self) }
    return values
  }

  /// A text that `convert` understands.
  func choice<Result>(_ expected: String, _ convert: (String) -> Result?) throws(SettingProblem) -> Result {
    guard case .text(let text) = self, let result = convert(text) else { throw .expected(expected, found: self) }
    return result
  }

  /// A host name or address; an IPv6 address without brackets.
  func host() throws(SettingProblem) -> String {
    try choice("a host name or address without a port") { HostName.isValid($0) ? $0 : nil }
  }

  /// An address, or `localhost`.
  func ownAddress() throws(SettingProblem) -> String {
    try choice("an address of this machine in numbers, such as \"192.168.1.20\", \"0.0.0.0\" or \"::\" for all") {
      HostName.isAddress($0) ? $0 : nil
    }
  }

  /// A list of networks.
  func networks() throws(SettingProblem) -> [IPNetwork] {
    let expected = "a list of addresses and networks, such as [\"192.168.1.0/24\", \"10.0.0.7\"]"
    let limit = 64
    let texts = try list(expected)
    guard texts.count <= limit else { throw .expected("at most \(limit) networks", found: "\(texts.count)") }
    var networks: [IPNetwork] = []
    for text in texts { networks.append(try text.choice(expected) { IPNetwork($0) }) }
    return networks
  }

  func lossPolicy() throws(SettingProblem) -> LossPolicy {
    let times = LossPolicy.decayTimes
    let expected =
      "hold, decay, decay:SECONDS with \(Self.plain(times.lowerBound)) to \(Self.plain(times.upperBound)) seconds, or "
      + "{ valence = V, arousal = A }"
    guard case .table(let members) = self else { return try choice(expected) { LossPolicy($0) } }
    for name in members.keys.sorted() where name != "valence" && name != "arousal" {
      throw .unknown([name], suggestion: NearestKey.suggestion(for: [name], among: [["valence"], ["arousal"]]))
    }
    guard let valence = members["valence"], let arousal = members["arousal"] else {
      throw .expected(expected, found: "only one of the two values")
    }
    return .fallback(Affect(valence: try valence.affectValue("valence"), arousal: try arousal.affectValue("arousal")))
  }

  /// Points of the plane of valence and arousal with their colours.
  func palette() throws(SettingProblem) -> MoodPalette {
    let limits = MoodPalette.pointCounts
    let expected =
      "a list of \(limits.lowerBound) to \(limits.upperBound) points, each { valence = V, arousal = A, color = \"#rrggbb\" }"
    let entries = try list(expected)
    guard limits.contains(entries.count) else { throw .expected(expected, found: "\(entries.count) of them") }
    var points: [MoodPalette.Point] = []
    for entry in entries {
      guard case .table(let members) = entry, Set(members.keys) == ["valence", "arousal", "color"],
        let valence = members["valence"], let arousal = members["arousal"], let color = members["color"]
      else { throw .expected(expected, found: entry) }
      let affect = Affect(valence: try valence.affectValue("valence"), arousal: try arousal.affectValue("arousal"))
      guard !points.contains(where: { $0.affect == affect }) else {
        throw .wrong("two points have valence \(affect.valence) and arousal \(affect.arousal)")
      }
      points.append(MoodPalette.Point(affect, try color.choice("a color such as \"#d55e00\"") { MoodColor($0) }))
    }
    return MoodPalette(points)
  }

  private func affectValue(_ name: String) throws(SettingProblem) -> Float {
    do {
      return try number(in: Affect.range)
    } catch {
      throw error.within([name])
    }
  }
}
