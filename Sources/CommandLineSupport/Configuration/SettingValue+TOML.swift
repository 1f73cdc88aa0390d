internal import TOMLKit

/// Values as the TOML parser has them.
extension SettingValue {
  /// No setting lies deeper; what does is left out, as a document can be deeper than the stack.
  static let depthLimit = 8

  static func members(of table: TOMLTable) -> [String: SettingValue] {
    members(of: table, depth: 0)
  }

  private static func members(of table: TOMLTable, depth: Int) -> [String: SettingValue] {
    guard depth < depthLimit else { return [:] }
    // Keys and values come in the same order. The table's own iterator fails on keys with a zero byte.
    return Dictionary(zip(table.keys, table.values.map { SettingValue($0, depth: depth + 1) })) { first, _ in first }
  }

  private init(_ value: TOMLValue, depth: Int) {
    if let text = value.string {
      self = .text(text)
    } else if let number = value.int {
      self = .whole(number)
    } else if let number = value.double {
      self = .number(number)
    } else if let flag = value.bool {
      self = .boolean(flag)
    } else if let array = value.array {
      self = .list(depth < Self.depthLimit ? array.map { SettingValue($0.tomlValue, depth: depth + 1) } : [])
    } else if let table = value.table {
      self = .table(Self.members(of: table, depth: depth))
    } else {
      self = .date
    }
  }
}
