internal import ArgumentParser
internal import AudioInput
internal import NeuralNetwork
internal import Publishing
internal import ShippedModels

/// Why a program ends early: one message for the person, one exit code of sysexits.h for scripts.
public struct ProgramFailure: Error, CustomStringConvertible, Sendable {
  public enum Code: Int32, Sendable {
    /// The command line is wrong.
    case usage = 64
    /// A file's content is not what it should be.
    case invalidData = 65
    /// An input is missing or cannot be opened.
    case noInput = 66
    /// Something that is needed is taken or missing.
    case unavailable = 69
    /// Not one of the errors that were thought of.
    case software = 70
    /// A result cannot be written.
    case cannotCreate = 73
    /// A device or file failed while it was used.
    case inputOutput = 74
    /// The configuration file is wrong.
    case configuration = 78
  }

  public let code: Code
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  /// The failure that `error` means.
  public init(_ error: any Error) {
    switch error {
    case let failure as ProgramFailure:
      self = failure
    case let error as AudioInputError:
      let code: Code =
        switch error.code {
        case .invalidName: .usage
        case .cannotOpen: .noInput
        case .readFailed, .deviceLost: .inputOutput
        }
      self.init(code, error.description)
    case let error as SafetensorsError:
      let code: Code =
        switch error.code {
        case .unreadable: .noInput
        case .malformed, .unexpectedContent: .invalidData
        case .unwritable: .cannotCreate
        }
      self.init(code, error.description)
    case let error as ShippedModelMissing:
      self.init(.unavailable, error.description)
    case let error as PublishingError:
      self.init(.unavailable, error.description)
    default:
      self.init(.software, "\(error)")
    }
  }

  /// Runs a command's body. A failure is printed to standard error after the program's name, and becomes the exit code.
  ///
  /// - Parameter write: tells the person in another way.
  public static func reporting(
    as program: String, write: ((String) -> Void)? = nil, _ body: () async throws -> Void
  ) async throws {
    do {
      try await body()
    } catch let exit as ExitCode {
      throw exit
    } catch {
      let failure = ProgramFailure(error)
      if let write { write(failure.description) } else { Console.writeError("\(program): \(failure.description)\n") }
      throw ExitCode(failure.code.rawValue)
    }
  }
}
