/// Why a data set, or a table of one, cannot be used. The description names the folder or file and says what to do.
public struct DataSetError: Error, CustomStringConvertible {
  public enum Code: Sendable {
    /// The folder or file is missing, or cannot be read.
    case unreadable
    /// A table is not written as it should be.
    case malformed
    /// The folder looks like no layout, or like several.
    case unknownLayout
    /// No song has both audio and labels.
    case nothingUsable
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ path: String, _ problem: String) {
    self.code = code
    description = "\(path): \(problem)"
  }
}
