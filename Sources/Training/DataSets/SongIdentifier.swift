/// What a song is called in the tables, which is also its audio file's name without the extension.
enum SongIdentifier {
  /// Why a song cannot be called `identifier`; nil if it can. Only a name inside the folder will do.
  static func problem(with identifier: String) -> String? {
    if identifier.isEmpty { return "has no song identifier" }
    if identifier.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 }) || identifier.hasPrefix(".") {
      return "has the song identifier '\(identifier)', which is no file name"
    }
    return nil
  }

  /// What spellings of one song have in common: `1`, `1.0` and `0001` (as spreadsheets and data frames write numbers),
  /// `1.wav`, and `audio/1.wav`.
  static func key(_ text: String) -> String {
    var name = text.split(separator: "/").last.map(String.init) ?? text
    if let dot = name.lastIndex(of: "."), dot > name.startIndex,
      AudioFiles.extensions.contains(name[name.index(after: dot)...].lowercased())
    {
      name = String(name[..<dot])
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let isNumber =
      !parts[0].isEmpty && parts[0].utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let isWhole = parts.count == 1 || parts.count == 2 && !parts[1].isEmpty && parts[1].allSatisfy { $0 == "0" }
    guard isNumber, isWhole else { return name }
    let digits = parts[0].drop { $0 == "0" }
    return digits.isEmpty ? "0" : String(digits)
  }

  /// Numbers come first, as numbers; the others follow as text.
  static func precedes(_ first: String, _ second: String) -> Bool {
    switch (Int(first), Int(second)) {
    case (let first?, let second?) where first != second: first < second
    case (_?, nil): true
    case (nil, _?): false
    default: first < second
    }
  }
}

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
