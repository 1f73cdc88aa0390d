import ArgumentParser
import CommandLineSupport
import Glibc
import Platform

struct Record: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes what a running affectd publishes to a file, with marks, for replay.",
    discussion: "Ends when affectd does, or with Ctrl-C. A file that is there already is not overwritten.")

  @OptionGroup var connection: SocketOption

  @Argument(help: ArgumentHelp("The recording, newline-delimited JSON.", valueName: "file"), completion: .file())
  var file: String

  func run() async throws {
    try await connection.withClient { client in
      let descriptor = FileName.withPath(file) { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      guard descriptor >= 0 else {
        throw Failure(.cannotCreate, "\(file): cannot be made: \(String(cString: strerror(errno)))")
      }
      defer { close(descriptor) }
      // Each line is written as it comes, so that an end by Ctrl-C loses none.
      try client.forEachLine { line in
        guard Console.write((line + [UInt8(ascii: "\n")])[...], to: descriptor) else {
          throw Failure(.cannotCreate, "\(file): cannot be written: \(String(cString: strerror(errno)))")
        }
        return true
      }
    }
  }
}
