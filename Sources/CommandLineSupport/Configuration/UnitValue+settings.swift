internal import Publishing

/// What lamps and faders follow, as settings have it.
extension SettingValue {
  static let unitNames = UnitValue.allCases.map(\.rawValue).joined(separator: ", ")

  func unitValue() throws(SettingProblem) -> UnitValue {
    try choice("one of \(Self.unitNames)") { UnitValue(rawValue: $0) }
  }

  /// A table whose keys are numbers.
  ///
  /// - Parameters:
  ///   - kind: what the numbers are of.
  ///   - example: of a right one.
  func numbered<Result>(
    _ kind: String, in range: ClosedRange<Int>, such example: String,
    _ convert: (SettingValue) throws(SettingProblem) -> Result
  ) throws(SettingProblem) -> [Int: Result] {
    guard case .table(let members) = self, !members.isEmpty else {
      throw .expected("a table of \(kind), such as \(example)", found: self)
    }
    var result: [Int: Result] = [:]
    for name in members.keys.sorted() {
      // Written as a person writes it, so that no number is there twice.
      guard let number = Int(name), "\(number)" == name, range.contains(number), let value = members[name] else {
        throw SettingProblem.expected(
          "the number of one of the \(kind), \(range.lowerBound) to \(range.upperBound)", found: Self.quoted(name)
        ).within([name])
      }
      do {
        result[number] = try convert(value)
      } catch {
        throw error.within([name])
      }
    }
    return result
  }
}
