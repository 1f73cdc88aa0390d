/// Names of artists, which tables write in many ways.
enum ArtistName {
  /// `text` without the spaces and quotes around it, and with single spaces in it; nil if nothing is left.
  static func cleaned(_ text: String) -> String? {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let quotes: Set<Character> = ["\"", " "]
    guard let start = words.firstIndex(where: { !quotes.contains($0) }),
      let end = words.lastIndex(where: { !quotes.contains($0) })
    else { return nil }
    return String(words[start...end])
  }

  /// What two spellings of the same artist have in common; nil if there is no name.
  static func key(_ text: String) -> String? {
    cleaned(text)?.lowercased()
  }
}
