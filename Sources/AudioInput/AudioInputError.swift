/// Why an input cannot be used. The description names the input and says what to do.
public struct AudioInputError: Error, CustomStringConvertible, Sendable {
  public enum Code: Sendable {
    /// The input is not written as it should be.
    case invalidName
    /// The device or file cannot be opened: it is missing, busy, or holds no audio.
    case cannotOpen
    /// A file failed while it was read.
    case readFailed
    /// The device is gone, or gives nothing more; it may come back.
    case deviceLost
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
