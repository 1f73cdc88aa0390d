extension SafetensorsFile {
  /// The most networks that an ensemble may have.
  package static let memberLimit = 16

  /// What the names of the tensors of each member of an ensemble begin with. A file whose metadata have no `members`
  /// holds one network, with nothing before its names.
  ///
  /// - Throws: ``SafetensorsError`` if `members` is no number from 1 to ``memberLimit``.
  package func memberPrefixes() throws(SafetensorsError) -> [String] {
    guard let count = try integer("members", in: 1...Self.memberLimit) else { return [""] }
    return (0..<count).map { "members.\($0)." }
  }

  /// The whole number that the metadata have for `key`; nil if they have none.
  ///
  /// - Throws: ``SafetensorsError`` if it is no whole number in `range`.
  package func integer(_ key: String, in range: ClosedRange<Int>) throws(SafetensorsError) -> Int? {
    guard let text = metadata[key] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw SafetensorsError(
        .unexpectedContent, path,
        "its metadata have '\(text)' for '\(key)', expected a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return number
  }

  /// Whether the name of a tensor begins with `prefix`.
  package func hasTensors(beginningWith prefix: String) -> Bool {
    tensorNames.contains { $0.hasPrefix(prefix) }
  }
}
