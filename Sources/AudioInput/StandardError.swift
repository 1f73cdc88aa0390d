internal import Glibc

/// libsndfile's mp3 decoder prints its complaints to standard error, where the user cannot tell what they are about.
enum StandardError {
  /// Runs `body` with standard error pointing nowhere.
  static func muted<Result>(_ body: () -> Result) -> Result {
    let saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard saved >= 0, nowhere >= 0 else {
      close(saved)
      close(nowhere)
      return body()
    }
    dup2(nowhere, STDERR_FILENO)
    close(nowhere)
    defer {
      dup2(saved, STDERR_FILENO)
      close(saved)
    }
    return body()
  }
}
