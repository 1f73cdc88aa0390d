import Affect
import Logging
import Platform

/// Logs what others do, at most a line every ten seconds, so that nobody can fill the log.
final class ProblemLog: Sendable {
  private let logger: Logger
  private let state = Locked(State())

  private struct State {
    var lastTime = -Double.infinity
    var suppressed = 0
  }

  private static let interval = 10.0

  init(_ logger: Logger) {
    self.logger = logger
  }

  /// - Parameter level: of the line.
  func report(_ problem: String, as level: Logger.Level = .warning) {
    let suppressed: Int? = state.withValue { state in
      let now = SystemClock().now
      guard now - state.lastTime >= Self.interval else {
        state.suppressed += 1
        return nil
      }
      defer { state = State(lastTime: now) }
      return state.suppressed
    }
    guard let suppressed else { return }
    logger.log(level: level, "\(problem)\(suppressed > 0 ? " (and \(suppressed) more before)" : "")")
  }
}
