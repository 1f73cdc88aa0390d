internal import Glibc
public import Platform

/// Reads the configuration file (TOML 1.0).
public enum ConfigurationFile {
  /// More bytes are no configuration.
  private static let sizeLimit = 1 << 20
  /// More problems than that are not listed.
  private static let problemLimit = 20

  /// The file that is read when none is named: the user's, else the system's, nil if neither is there.
  public static var standardPath: String? {
    [userPath, "/etc/affectd/affectd.toml"].compactMap(\.self).first { access($0, F_OK) == 0 }
  }

  /// Where the user's own is, whether it is there or not; nil without a home.
  public static var userPath: String? {
    if let home = getenv("XDG_CONFIG_HOME"), home.pointee != 0 {
      return "\(String(cString: home))/affectd/affectd.toml"
    }
    guard let home = getenv("HOME"), home.pointee != 0 else { return nil }
    return "\(String(cString: home))/.config/affectd/affectd.toml"
  }

  /// Reads the file at `path` over the defaults.
  ///
  /// - Throws: ``Failure`` with a line for each problem, which names the file, the line and the key.
  public static func read(_ path: String) throws(Failure) -> Configuration {
    try parse(text: text(of: path), path: path)
  }

  /// Reads `text` over the defaults.
  ///
  /// - Parameter path: what messages call the file.
  /// - Throws: as ``read(_:)``.
  public static func parse(text: String, path: String) throws(Failure) -> Configuration {
    // A text file has none; in a comment, the parser would read over it.
    if let zero = text.utf8.firstIndex(of: 0) {
      let line = text.utf8[..<zero].count { $0 == UInt8(ascii: "\n") } + 1
      throw Failure(.configuration, "\(path), line \(line): a zero byte: this is no text file")
    }
    let document: TOMLDocument
    do {
      document = try TOMLDocument(text)
    } catch {
      throw Failure(.configuration, "\(path), line \(error.line): \(error.description)")
    }
    let reader = ConfigurationReader(document.members)
    guard !reader.problems.isEmpty else { return reader.configuration }
    throw Failure(.configuration, message(reader.problems, document, path))
  }

  /// The problems in the order of their lines.
  private static func message(_ problems: [SettingProblem], _ document: TOMLDocument, _ path: String) -> String {
    let numbered = problems.map { (line: document.line(of: $0.path), problem: $0) }
    let order = numbered.indices.sorted {
      (numbered[$0].line ?? .max, $0) < (numbered[$1].line ?? .max, $1)
    }
    var messages = order.prefix(problemLimit).map { index in
      let place = numbered[index].line.map { "\(path), line \($0)" } ?? path
      return "\(place): \(numbered[index].problem.description)"
    }
    if problems.count > problemLimit { messages.append("\(path): \(problems.count - problemLimit) problems more") }
    return messages.joined(separator: "\n")
  }

  private static func text(of path: String) throws(Failure) -> String {
    func unreadable() -> Failure {
      Failure(.configuration, "\(path): cannot be read: \(String(cString: strerror(errno)))")
    }
    // A FIFO would keep one waiting for ever.
    let descriptor = FileName.withPath(path) { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard descriptor >= 0, let file = fdopen(descriptor, "r") else { throw unreadable() }
    defer { fclose(file) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, [S_IFREG, S_IFCHR, S_IFDIR].contains(status.st_mode & S_IFMT) else {
      throw Failure(.configuration, "\(path): is not a regular file, and is not waited for")
    }
    var bytes = [UInt8](repeating: 0, count: sizeLimit + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw unreadable() }
    guard count <= sizeLimit else {
      throw Failure(.configuration, "\(path): is larger than \(sizeLimit) bytes, that is no configuration")
    }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw Failure(.configuration, "\(path): is not UTF-8")
    }
    return text
  }
}
