import CommandLineSupport
import Glibc
import Logging
import Platform

/// Log lines on standard error: for people with the program's name, for the journal with the priority of each line
/// (sd-daemon(3), "Logging").
struct ConsoleLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  private static let goesToJournal = standardErrorIsJournal()
  /// Whoever logs does not wait for the one who reads the log.
  private static let writer = LineWriter(descriptor: STDERR_FILENO, limit: 1000)

  /// Lines that wait until the terminal is free; nil while it is.
  private static let held = Locked<Held?>(nil)

  private struct Held {
    private(set) var lines: [String] = []
    /// How many of them were told already.
    var toldCount = 0

    /// Lines that are kept while the terminal shows something else.
    private static let limit = 200

    mutating func add(_ line: String) {
      lines.append(line)
      guard lines.count > Self.limit else { return }
      lines.removeFirst()
      toldCount = max(0, toldCount - 1)
    }
  }

  /// Keeps the lines from here on, if they would go to a terminal that is to show something else. Those before are
  /// written when it returns.
  static func hold() {
    guard Console.errorIsTerminal else { return }
    held.withValue { $0 = Held() }
    finish()
  }

  /// The lines that were kept since the last time, without their ends.
  static func newLines() -> [String] {
    held.withValue { held in
      guard let value = held else { return [] }
      held?.toldCount = value.lines.count
      return value.lines[value.toldCount...].map { String($0.dropLast()) }
    }
  }

  /// Writes what was kept, and keeps no more.
  static func release() {
    let lines = held.withValue { held in
      defer { held = nil }
      return held?.lines ?? []
    }
    for line in lines { writer.write(line) }
  }

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
      let line = "affectd: \(level)\(event.message)\n"
      let isHeld = Self.held.withValue { held in
        guard held != nil else { return false }
        held?.add(line)
        return true
      }
      if !isHeld { Self.writer.write(line) }
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
