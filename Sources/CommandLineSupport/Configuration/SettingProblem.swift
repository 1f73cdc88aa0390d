/// What is wrong with a setting, and with which.
struct SettingProblem: Error, Equatable {
  /// The key, from the table that is being read on.
  var path: [String] = []
  /// What follows the key in the message.
  let text: String
  /// The key that was meant perhaps, from the same table on.
  var suggestion: [String]?

  static func expected(_ expected: String, found: SettingValue) -> SettingProblem {
    .expected(expected, found: found.description)
  }

  static func expected(_ expected: String, found: String) -> SettingProblem {
    .wrong("expected \(expected), found \(found)")
  }

  static func wrong(_ text: String) -> SettingProblem {
    SettingProblem(text: ": \(text)")
  }

  /// A key that nobody knows; `kind` says what it would have been.
  static func unknown(
    _ path: [String], kind: String = "setting", suggestion: [String]?
  ) -> SettingProblem {
    SettingProblem(path: path, text: " is not a known \(kind)", suggestion: suggestion)
  }

  /// The same problem, seen from the table around.
  func within(_ table: [String]) -> SettingProblem {
    SettingProblem(path: table + path, text: text, suggestion: suggestion.map { table + $0 })
  }

  var description: String {
    let question = suggestion.map { "; did you mean \(Self.name(of: $0))?" } ?? ""
    return Self.name(of: path) + text + question
  }

  /// A key as TOML writes it, with quotes around the parts that need them.
  static func name(of path: [String]) -> String {
    path.map { part in
      let isBare = !part.isEmpty && part.count <= 60 && part.utf8.allSatisfy(isBare)
      return isBare ? part : SettingValue.quoted(part)
    }.joined(separator: ".")
  }

  /// Whether TOML takes `byte` in a key without quotes.
  static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
