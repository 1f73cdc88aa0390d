/// Why a `safetensors` file cannot be used. The description names the file, the tensor, what was expected and what
/// was found.
public struct SafetensorsError: Error, CustomStringConvertible {
  public enum Code: Sendable {
    /// The file cannot be opened or read.
    case unreadable
    /// The file is not in the format, or is cut short.
    case malformed
    /// A tensor or a metadata entry is missing, or is not what it should be.
    case unexpectedContent
    /// The file cannot be written.
    case unwritable
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ path: String, _ problem: String) {
    self.code = code
    description = "\(path): \(problem)"
  }
}
