internal import Glibc
internal import NIOConcurrencyHelpers

/// libsndfile's mp3 decoder prints its complaints about a file that is no mp3 to standard error, where the user cannot
/// tell what they are about.
enum StandardError {
  private struct State: Sendable {
    /// Calls that are under way.
    var count = 0
    /// The real standard error meanwhile.
    var saved: Int32 = -1
  }

  private static let state = NIOLockedValueBox(State())

  /// Runs `body` with the whole process's standard error pointing nowhere. May be called by several threads at once: the
  /// first takes it away, the last brings it back. To be kept short, as everybody else's messages are lost too.
  static func muted<Result>(_ body: () -> Result) -> Result {
    state.withLockedValue { state in
      state.count += 1
      guard state.count == 1 else { return }
      state.saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
      let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
      if state.saved >= 0, nowhere >= 0 { dup2(nowhere, STDERR_FILENO) }
      close(nowhere)
    }
    defer {
      state.withLockedValue { state in
        state.count -= 1
        guard state.count == 0, state.saved >= 0 else { return }
        dup2(state.saved, STDERR_FILENO)
        close(state.saved)
      }
    }
    return body()
  }
}
