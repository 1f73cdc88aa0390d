/// Why something cannot be done: one message for the person, which names the thing and says what to do, and a code that
/// a program can decide by.
public struct Failure: Error, CustomStringConvertible, Sendable {
  public enum Code: Sendable, CaseIterable {
    /// What was asked for is not written as it should be.
    case usage
    /// A file's content is not what it should be.
    case invalidData
    /// An input is missing or cannot be opened.
    case noInput
    /// Something that is needed is taken, missing, or not ready.
    case unavailable
    /// Not one of the errors that were thought of.
    case software
    /// A result cannot be written.
    case cannotCreate
    /// A file failed while it was used.
    case inputOutput
    /// A device is gone, or gives nothing more; it may come back.
    case deviceLost
    /// The configuration file is wrong.
    case configuration

    /// What a program ends with, out of sysexits.h.
    public var exitStatus: Int32 {
      switch self {
      case .usage: 64
      case .invalidData: 65
      case .noInput: 66
      case .unavailable: 69
      case .software: 70
      case .cannotCreate: 73
      case .inputOutput, .deviceLost: 74
      case .configuration: 78
      }
    }
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// What is wrong with the file or folder at `path`.
  public init(_ code: Code, _ path: String, _ problem: String) {
    self.init(code, "\(path): \(problem)")
  }
}
