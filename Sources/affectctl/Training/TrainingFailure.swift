import CommandLineSupport
import Training

extension ProgramFailure {
  /// Runs the body of a command that trains or judges models, see ``reporting(as:write:_:)``.
  static func reportingTraining(_ body: () async throws -> Void) async throws {
    try await reporting(as: "affectctl") {
      do {
        try await body()
      } catch let error as DataSetError {
        throw ProgramFailure(error.code == .unreadable ? .noInput : .invalidData, error.description)
      } catch let error as TrainingError {
        throw ProgramFailure(.invalidData, error.description)
      }
    }
  }
}
