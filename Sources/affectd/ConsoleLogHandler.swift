import CommandLineSupport
import Logging

/// Log lines for people: the program's name, the level where it matters, the message.
struct ConsoleLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let level = event.level >= .warning ? "\(event.level): " : ""
    Console.writeError("affectd: \(level)\(event.message)\n")
  }
}
