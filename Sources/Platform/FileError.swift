internal import Glibc

/// What the system says of a file. The description does not name it.
public struct FileError: Error, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  /// The reason in `errno`.
  static var system: FileError { FileError(String(cString: strerror(errno))) }
}
