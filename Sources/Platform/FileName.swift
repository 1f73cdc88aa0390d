internal import Glibc

/// File names are bytes, and need not be UTF-8, while Swift's strings are. A byte that is not part of UTF-8 travels in a
/// string as a character of the private use area (plane 16), and becomes that byte again where a file is opened and
/// where a name is printed. (PEP 383 has the same idea.)
public enum FileName {
  /// The characters U+10FF00 to U+10FFFF stand for single bytes.
  private static let firstScalar: UInt32 = 0x10FF00

  /// The arguments of the program, without its name, for a parser of strings.
  public static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      guard let pointer = CommandLine.unsafeArgv[index] else { return nil }
      return string(UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map(UInt8.init(bitPattern:)))
    }
  }

  /// The string that stands for `bytes`.
  public static func string(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while !rest.isEmpty {
      var iterator = rest.prefix(4).makeIterator()
      var decoder = UTF8()
      if case .scalarValue(let scalar) = decoder.decode(&iterator) {
        text.append(scalar)
        rest = rest.dropFirst(String(scalar).utf8.count)
      } else {
        if let scalar = Unicode.Scalar(firstScalar + UInt32(rest.removeFirst())) { text.append(scalar) }
      }
    }
    return String(text)
  }

  /// The bytes that `string` stands for.
  public static func bytes(_ string: String) -> [UInt8] {
    guard string.unicodeScalars.contains(where: { $0.value >= firstScalar }) else { return Array(string.utf8) }
    return string.unicodeScalars.flatMap { scalar -> [UInt8] in
      scalar.value >= firstScalar ? [UInt8(scalar.value - firstScalar)] : Array(String(scalar).utf8)
    }
  }

  /// `string` for where only UTF-8 is possible: with U+FFFD in place of single bytes.
  public static func printable(_ string: String) -> String {
    guard string.unicodeScalars.contains(where: { $0.value >= firstScalar }) else { return string }
    var text = String.UnicodeScalarView()
    for scalar in string.unicodeScalars { text.append(scalar.value >= firstScalar ? "\u{FFFD}" : scalar) }
    return String(text)
  }

  /// Calls `body` with the path as the system wants it.
  public static func withPath<Result>(_ path: String, _ body: (UnsafePointer<CChar>) throws -> Result) rethrows
    -> Result
  {
    let bytes = bytes(path).map(CChar.init(bitPattern:)) + [0]
    return try bytes.withUnsafeBufferPointer { try body($0.baseAddress!) }  // it has at least the zero
  }
}
