internal import Publishing

/// A value in the configuration file, of one of TOML's types.
enum SettingValue: Sendable, Equatable {
  case text(String)
  case whole(Int)
  case number(Double)
  case boolean(Bool)
  case list([SettingValue])
  case table([String: SettingValue])
  /// A date or a time, which no setting wants; ``TOMLLineScanner`` refuses them already.
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
