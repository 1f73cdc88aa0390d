import CommandLineSupport
import Glibc
import Platform

/// Questions to the person at the terminal.
struct Conversation {
  /// Whether there is one.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && Console.outputIsTerminal }

  func say(_ text: String = "") { Console.writeOutput(text + "\n") }

  /// Asks until the answer is one that `read` understands.
  ///
  /// - Parameters:
  ///   - standard: what Enter alone means.
  ///   - read: nil for what cannot be, with a sentence that says why.
  /// - Throws: ``Failure`` if there is nobody any more.
  func ask<Value>(
    _ question: String, standard: String, _ read: (String) -> (value: Value?, problem: String)
  ) throws(Failure) -> Value {
    while true {
      Console.writeOutput("\(question) [\(standard)] ")
      guard let line = readLine() else { throw Failure(.usage, "setup: ended before it was done: nothing is written") }
      let words = line.split(separator: " ").joined(separator: " ")
      let (value, problem) = read(words.isEmpty ? standard : words)
      if let value { return value }
      say("  \(problem)")
    }
  }

  /// A question with yes or no.
  func confirm(_ question: String, standard: Bool) throws(Failure) -> Bool {
    try ask(question, standard: standard ? "yes" : "no") { answer in
      switch answer.lowercased() {
      case "y", "yes": (true, "")
      case "n", "no": (false, "")
      default: (nil, "yes or no")
      }
    }
  }

  /// Whether the person has pressed Enter; the line is taken.
  func hasEnter(within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, milliseconds) > 0 else { return false }
    _ = readLine()
    return true
  }
}
