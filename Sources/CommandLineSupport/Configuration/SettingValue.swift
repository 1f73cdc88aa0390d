internal import Affect
internal import Publishing

/// A value in the configuration file, of one of TOML's types.
enum SettingValue: Sendable, Equatable {
  case text(String)
  case whole(Int)
  case number(Double)
  case boolean(Bool)
  case list([SettingValue])
  case table([String: SettingValue])
  /// A date or a time, which no setting wants.
  case date

  /// With the digits of the `Float`: 0.05 stays 0.05.
  static func number(_ value: Float) -> SettingValue {
    .number(Double(value.description) ?? Double(value))
  }
}

/// As messages speak of a value.
extension SettingValue: CustomStringConvertible {
  var description: String {
    switch self {
    case .text(let text): "the text \(Self.quoted(text))"
    case .whole(let number): "the number \(number)"
    case .number(let number): "the number \(number)"
    case .boolean(let value): value.description
    case .list(let values): values.isEmpty ? "an empty list" : "a list"
    case .table: "a table"
    case .date: "a date or time"
    }
  }

  /// `text` in quotes, without control characters and not endless.
  static func quoted(_ text: String) -> String {
    let limit = 60
    return JSONLine.quoted(text.count > limit ? "\(text.prefix(limit))…" : text)
  }

  /// `number` as a person writes it: 5, not 5.0.
  static func plain(_ number: Double) -> String {
    abs(number) < 1e15 && number == number.rounded() ? "\(Int(number))" : "\(number)"
  }
}

/// Values as settings show them.
extension SettingValue {
  static func lossPolicy(_ policy: LossPolicy) -> SettingValue {
    guard case .fallback(let affect) = policy else { return .text(policy.description) }
    return .table(["valence": .number(affect.valence), "arousal": .number(affect.arousal)])
  }
}

extension SettingValue {
  static func palette(_ palette: MoodPalette) -> SettingValue {
    .list(
      palette.points.map { point in
        .table([
          "valence": .number(point.affect.valence), "arousal": .number(point.affect.arousal),
          "color": .text(point.color.text),
        ])
      })
  }
}

extension JSONLine {
  /// A value that is not set is `null`.
  mutating func add(_ key: String, _ value: SettingValue?) {
    switch value {
    case nil, .date: addNull(key)
    case .text(let text): add(key, text)
    case .whole(let number): add(key, number)
    case .number(let number): add(key, number)
    case .boolean(let value): add(key, value)
    case .list(let values):
      // The lists of the configuration are of texts, of numbers or of tables.
      let tables = values.compactMap { if case .table(let members) = $0 { JSONLine(members) } else { nil } }
      let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
      let numbers = values.compactMap { if case .number(let number) = $0 { number } else { nil } }
      if !tables.isEmpty {
        add(key, tables)
      } else if texts.isEmpty {
        add(key, numbers)
      } else {
        add(key, texts)
      }
    case .table(let members): add(key, JSONLine(members))
    }
  }

  private init(_ members: [String: SettingValue]) {
    self.init()
    for name in members.keys.sorted() { add(name, members[name]) }
  }
}
