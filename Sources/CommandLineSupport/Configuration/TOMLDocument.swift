internal import CTOML

/// A TOML document (toml.io, version 1.0.0), as toml++ reads it.
struct TOMLDocument {
  /// The values at its top.
  private(set) var members: [String: SettingValue] = [:]
  /// Where each key stands first. Keys inside lists have no one place.
  private var lines: [[String]: Int] = [:]

  /// No setting lies deeper; what does is left out, as a document can be deeper than the stack.
  private static let depthLimit = 8

  /// What is no TOML.
  struct SyntaxError: Error {
    let line: Int
    let description: String
  }

  init(_ text: String) throws(SyntaxError) {
    var builder = Builder()
    var error = affect_toml_error()
    var text = text
    let isRead = text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { bytes in
        withUnsafeMutablePointer(to: &builder) { builder in
          affect_toml_read(
            bytes.baseAddress, bytes.count, UInt32(Self.depthLimit),
            { context, item in
              guard let context, let item else { return }
              context.assumingMemoryBound(to: Builder.self).pointee.add(item.pointee)
            }, builder, &error)
        }
      }
    }
    guard isRead else {
      let description = withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      throw SyntaxError(line: Int(error.line), description: Self.explained(description))
    }
    members = builder.members
    lines = builder.lines
  }

  /// The line of the key `path`, or of the nearest table around it; nil if nothing of it was found.
  func line(of path: [String]) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return nil
  }

  /// toml++ takes `none` for a `nan` that was cut short, and a text's end of line for a control character.
  private static func explained(_ description: String) -> String {
    if let match = description.firstMatch(of: /redefine existing table '(.+)'/) {
      return "[\(match.1)] is there twice: put all its settings under one such line"
    }
    let parts = description.split(separator: ": ", maxSplits: 1)
    let scope = parts.first?.dropFirst("Error while parsing ".count) ?? ""
    if scope == "string", parts.last == "encountered end-of-file" || parts.last?.hasPrefix("unescaped control") == true
    {
      return "expected a quote at the end of the text, or no control character in it"
    }
    let isValue =
      ["value", "boolean", "floating-point", "date", "time"].contains { scope.hasPrefix($0) }
      || scope.hasSuffix("integer") || parts.last?.hasPrefix("expected value") == true
      || parts.last?.hasPrefix("expected space or tab") == true
    guard isValue else { return description }
    return "expected a value: a text in quotes, a number, true, false, or a list or table of them (\(description))"
  }
}

/// Puts together what toml++ hands over item by item.
private struct Builder {
  var members: [String: SettingValue] = [:]
  var lines: [[String]: Int] = [:]

  /// A table or list whose end has not come.
  private struct Open {
    let key: String
    let isTable: Bool
    var members: [String: SettingValue] = [:]
    var elements: [SettingValue] = []
  }
  private var open: [Open] = []

  mutating func add(_ item: affect_toml_item) {
    let key = Self.text(item.key, item.key_length)
    if item.kind != affect_toml_end, open.allSatisfy(\.isTable) { lines[open.map(\.key) + [key]] = Int(item.line) }
    switch item.kind {
    case affect_toml_text: close(key, .text(Self.text(item.text, item.text_length)))
    case affect_toml_whole: close(key, .whole(Int(item.whole)))
    case affect_toml_number: close(key, .number(item.number))
    case affect_toml_boolean: close(key, .boolean(item.whole != 0))
    case affect_toml_date: close(key, .date)
    case affect_toml_end:
      let last = open.removeLast()
      close(last.key, last.isTable ? .table(last.members) : .list(last.elements))
    default: open.append(Open(key: key, isTable: item.kind == affect_toml_table))
    }
  }

  private mutating func close(_ key: String, _ value: SettingValue) {
    guard let last = open.indices.last else {
      members[key] = value
      return
    }
    if open[last].isTable { open[last].members[key] = value } else { open[last].elements.append(value) }
  }

  private static func text(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}
