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
