import ArgumentParser
import CommandLineSupport
import Platform
import Publishing

// The commands that ask a running affectd something.

struct Stats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what a running affectd has counted and how fast it is.",
    discussion: "With --json times are in seconds.")
  @OptionGroup var connection: SocketOption
  @Flag(help: "Print one JSON object.") var json = false

  func run() async throws {
    try await connection.withClient { client in
      let stats = try client.call("get_stats")
      guard !json else { return Report.write(stats, json: true) }
      Console.writeOutput(StatsSummary(stats).lines.map { $0 + "\n" }.joined())
    }
  }
}

struct State: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what a running affectd is doing, and its latest values.")
  @OptionGroup var connection: SocketOption
  @Flag(help: "Print one JSON object.") var json = false

  func run() async throws {
    try await connection.withClient { client in
      let hello = try client.nextLine(before: SystemClock().now + ControlClient.patience).flatMap { JSONValue($0) }
      let state = try client.call("get_state")
      guard !json else { return Report.write(state, json: true) }
      let summary = StateSummary(hello: hello, state: state, stats: try client.call("get_stats"))
      Console.writeOutput(summary.lines.map { $0 + "\n" }.joined())
    }
  }
}

struct Config: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the settings that are in effect in a running affectd.")
  @OptionGroup var connection: SocketOption
  @Flag(help: "Print one JSON object.") var json = false

  func run() async throws { try await connection.withClient { Report.write(try $0.call("get_config"), json: json) } }
}

/// The result of a request, for people or for programs.
enum Report {
  static func write(_ result: JSONValue, json: Bool) {
    if json {
      Console.writeOutput(result.text + "\n")
    } else {
      let lines = lines(result, path: "")
      let width = lines.map(\.path.count).max() ?? 0
      for line in lines {
        let padding = String(repeating: " ", count: width - line.path.count)
        Console.writeOutput("\(line.path)\(padding)  \(line.value)\n")
      }
    }
  }

  /// The values with the path that leads to them, in the order of their names.
  private static func lines(_ value: JSONValue, path: String) -> [(path: String, value: String)] {
    switch value {
    case .object(let members):
      members.sorted { $0.key < $1.key }.flatMap { lines($0.value, path: path.isEmpty ? $0.key : "\(path).\($0.key)") }
    case .string(let text): [(path, text)]
    case .null, .bool, .number, .array: [(path, value.text)]
    }
  }
}
