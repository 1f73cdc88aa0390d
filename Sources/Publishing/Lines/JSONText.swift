/// Looks into JSON as it was written, for what a decoder does not keep.
package enum JSONText {
  /// The value of a member of an object, as it was written; the last one if there are several of that name. Nil if there
  /// is none.
  ///
  /// - Precondition: `bytes` are one JSON object in UTF-8 (RFC 8259), as ``JSONValue`` takes them.
  package static func member(_ name: String, of bytes: [UInt8]) -> String? {
    var scanner = Scanner(bytes: bytes)
    var value: ArraySlice<UInt8>?
    scanner.skip(to: UInt8(ascii: "{"))
    while let key = scanner.nextText() {
      scanner.skip(to: UInt8(ascii: ":"))
      let found = scanner.nextValue()
      if JSONValue(Array(key))?.string == name { value = found }
    }
    return value.map { String(decoding: $0, as: UTF8.self) }
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    /// Goes behind the next `byte`, which is not in a text.
    mutating func skip(to byte: UInt8) {
      while position < bytes.count, bytes[position] != byte { position += 1 }
      position += 1
    }

    /// The next text with its quotes; nil at the end of the object.
    mutating func nextText() -> ArraySlice<UInt8>? {
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
        if bytes[position] == UInt8(ascii: "}") { return nil }
        position += 1
      }
      guard position < bytes.count else { return nil }
      let start = position
      skipText()
      return bytes[start..<min(position, bytes.count)]
    }

    /// The next value without the white space around it, up to the comma or brace behind it.
    mutating func nextValue() -> ArraySlice<UInt8> {
      var depth = 0
      let start = position
      scan: while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "\""):
          skipText()
          continue
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","):
          if depth == 0 { break scan }
          if bytes[position] != UInt8(ascii: ",") { depth -= 1 }
        default: break
        }
        position += 1
      }
      let isSpace = { (byte: UInt8) in byte <= 0x20 }
      let end = bytes[start..<position].lastIndex { !isSpace($0) }
      return end.map { bytes[start...$0].drop(while: isSpace) } ?? []
    }

    /// Goes behind the text that begins here.
    private mutating func skipText() {
      position += 1
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      position += 1
    }
  }
}
