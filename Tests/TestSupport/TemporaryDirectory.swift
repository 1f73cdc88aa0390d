public import Foundation

/// A directory for a test's files, removed when nobody holds it any more.
public final class TemporaryDirectory: Sendable {
  public let path: String

  /// Short, because a Unix socket's path may have only 107 bytes.
  public init() throws {
    path = "/tmp/affectd-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  public func file(_ name: String) -> String { "\(path)/\(name)" }

  public func write(_ data: Data, to name: String) throws -> String {
    try data.write(to: URL(filePath: file(name)))
    return file(name)
  }

  public func write(_ text: String, to name: String) throws -> String {
    try write(Data(text.utf8), to: name)
  }
}
