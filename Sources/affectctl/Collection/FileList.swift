import CommandLineSupport
import Glibc
import Platform

/// The list of files of a collection: a path a line, or with a zero byte behind each, as `find -print0` writes them.
package enum FileList {
  /// Bytes of a list. A path has some hundred.
  private static let largest = 1 << 30

  /// - Parameter path: of the list; `-` for standard input.
  /// - Returns: the paths, each once, in the order of the list.
  /// - Throws: ``Failure`` if it cannot be read, or names nothing.
  static func read(_ path: String) throws(Failure) -> [String] {
    let name = path == "-" ? "standard input" : path
    let descriptor = path == "-" ? STDIN_FILENO : FileName.withPath(path) { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw Failure(.noInput, name, String(cString: strerror(errno))) }
    defer { if path != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(.noInput, name, String(cString: strerror(errno))) }
      guard count > 0 else { break }
      bytes += buffer[..<count]
      guard bytes.count <= largest else { throw Failure(.invalidData, name, "the list has more than a gibibyte") }
    }
    let paths = paths(bytes)
    guard !paths.isEmpty else { throw Failure(.noInput, name, "the list names no file") }
    return paths
  }

  package static func paths(_ bytes: [UInt8]) -> [String] {
    let separator: UInt8 = bytes.contains(0) ? 0 : UInt8(ascii: "\n")
    var seen: Set<String> = []
    return bytes.split(separator: separator).compactMap { line in
      // Lists come from other systems, too.
      let trimmed = separator != 0 && line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      let path = FileName.string(Array(trimmed))
      return !path.isEmpty && seen.insert(path).inserted ? path : nil
    }
  }
}
