import ArgumentParser
import CommandLineSupport
import Glibc

struct Monitor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what a running affectd publishes, one JSON line per hop.",
    discussion: "Ends when affectd does, or with Ctrl-C.")

  @OptionGroup var connection: SocketOption

  func run() async throws {
    try await connection.withClient { client in
      // The lines are passed on as they are.
      try client.forEachLine { Console.write(($0 + [UInt8(ascii: "\n")])[...], to: STDOUT_FILENO) }
    }
  }
}
