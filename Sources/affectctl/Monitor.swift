import ArgumentParser
import CommandLineSupport
import Glibc
import Publishing

struct Monitor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what a running affectd publishes, one JSON line per hop.",
    discussion: "Ends when affectd does, or with Ctrl-C.")

  @Option(
    help: ArgumentHelp(
      "affectd's socket. (default: $AFFECTD_SOCKET, then the user's, then the system's)", valueName: "path"))
  var socket: String?

  func run() async throws {
    try await ProgramFailure.reporting(as: "affectctl") {
      let path = try socket ?? SocketLocation.forClient()
      let descriptor: Int32
      do {
        descriptor = try UnixSocket.connect(to: path)
      } catch {
        throw ProgramFailure(.unavailable, "socket \(path): no affectd answers there: \(error)")
      }
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(descriptor, &bytes, bytes.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        // The lines are passed on as they are.
        guard Console.write(bytes[..<count], to: STDOUT_FILENO) else { return }
      }
    }
  }
}
