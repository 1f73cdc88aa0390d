import ArgumentParser
import CommandLineSupport
import Glibc
import Monitor

struct MonitorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor",
    abstract: "Shows what a running affectd publishes: live on a terminal, one JSON line per hop elsewhere.",
    discussion: """
      On a terminal it shows the plane of valence and arousal, both curves over the last minute, and how affectd does. \
      ? lists the keys, q leaves. When affectd is not there it waits for it. With --json, or where standard output is no \
      terminal, it prints the lines of the socket, and ends when affectd does, or with Ctrl-C.
      """)

  @OptionGroup var connection: SocketOption

  @Flag(help: "Print the lines of the socket, also on a terminal.")
  var json = false

  func run() async throws {
    if !json, let session = MonitorSession(locate: { try connection.socket ?? SocketLocation.forClient() }) {
      return session.run()
    }
    try await connection.withClient { client in
      // The lines are passed on as they are.
      try client.forEachLine { Console.write(($0 + [UInt8(ascii: "\n")])[...], to: STDOUT_FILENO) }
    }
  }
}
