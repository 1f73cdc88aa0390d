internal import ArgumentParser
internal import Glibc
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
      throw ExitCode(tell(error, as: program, write))
    }
  }

  /// Runs a body that may leave threads behind, and ends the program with what it returns. Not by exit(3), whose handlers
  /// take away what those threads still use.
  public static func runToTheEnd(as program: String, _ body: () throws -> Int32) -> Never {
    var status: Int32 = 0
    do { status = try body() } catch { status = tell(error, as: program, nil) }
    fflush(nil)
    _exit(status)
  }

  /// Prints what went wrong, and returns the exit code.
  private static func tell(_ error: any Error, as program: String, _ write: ((String) -> Void)?) -> Int32 {
    let failure = error as? Failure ?? Failure(.software, "\(error)")
    if let write { write(failure.description) } else { Console.writeError("\(program): \(failure.description)\n") }
    return failure.code.exitStatus
  }
}
