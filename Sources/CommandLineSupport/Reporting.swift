internal import ArgumentParser
internal import Platform

/// How a command tells of what went wrong.
public enum Reporting {
  /// Runs a command's body. A failure is printed to standard error after the program's name, and becomes the exit code.
  ///
  /// - Parameter write: tells the person in another way.
  public static func run(
    as program: String, write: ((String) -> Void)? = nil, _ body: () async throws -> Void
  ) async throws {
    do {
      try await body()
    } catch let exit as ExitCode {
      throw exit
    } catch {
      let failure = error as? Failure ?? Failure(.software, "\(error)")
      if let write { write(failure.description) } else { Console.writeError("\(program): \(failure.description)\n") }
      throw ExitCode(failure.code.exitStatus)
    }
  }
}
