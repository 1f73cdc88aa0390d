internal import Glibc
internal import NIOCore

/// Why something cannot be published. The description names the thing and says what to do.
public struct PublishingError: Error, CustomStringConvertible, Sendable {
  public enum Code: Sendable {
    /// A socket path is taken or cannot be made.
    case unusableSocket
    /// A port is taken.
    case unusablePort
    /// A recording is not what it should be.
    case malformedRecording
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// What the system says of `error`, in its own words where they are known.
func systemReason(_ error: any Error) -> String {
  guard let error = error as? IOError else { return "\(error)" }
  return String(cString: strerror(error.errnoCode))
}
