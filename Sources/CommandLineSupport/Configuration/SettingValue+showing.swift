internal import Affect
internal import Publishing

/// Values as settings show them.
extension SettingValue {
  static func lossPolicy(_ policy: LossPolicy) -> SettingValue {
    guard case .fallback(let affect) = policy else { return .text(policy.description) }
    return .table(["valence": .number(affect.valence), "arousal": .number(affect.arousal)])
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
      // The lists of the configuration are of texts or of numbers.
      let texts = values.compactMap { if case .text(let text) = $0 { text } else { nil } }
      let numbers = values.compactMap { if case .number(let number) = $0 { number } else { nil } }
      if texts.isEmpty { add(key, numbers) } else { add(key, texts) }
    case .table(let members):
      var line = JSONLine()
      for name in members.keys.sorted() { line.add(name, members[name]) }
      add(key, line)
    }
  }
}
