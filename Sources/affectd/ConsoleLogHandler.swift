import CommandLineSupport
import Glibc
import Logging

/// Log lines on standard error: for people with the program's name, for the journal with the priority of each line
/// (sd-daemon(3), "Logging").
struct ConsoleLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  private static let goesToJournal = standardErrorIsJournal()
  /// Whoever logs does not wait for the one who reads the log.
  private static let writer = LineWriter(descriptor: STDERR_FILENO, limit: 1000)

  /// Waits a moment until everything is written, at the end of the program.
  static func finish() { writer.finish(within: 0.5) }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    if Self.goesToJournal {
      let priority = Self.priority(event.level)
      let lines = "\(event.message)".split(separator: "\n").map { "<\(priority)>\($0)\n" }
      Self.writer.write(lines.joined())
    } else {
      let level = event.level >= .warning ? "\(event.level): " : ""
      Self.writer.write("affectd: \(level)\(event.message)\n")
    }
  }

  /// As in syslog(3).
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// systemd names the device and inode of the journal's stream in `JOURNAL_STREAM` (systemd.exec(5)).
  private static func standardErrorIsJournal() -> Bool {
    guard let stream = getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
  }
}
