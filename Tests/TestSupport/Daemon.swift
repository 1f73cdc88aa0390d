/// A running affectd, with a socket of its own.
public final class Daemon {
  public let socket: String
  public let directory: TemporaryDirectory
  /// What it said on standard error before it was ready.
  public private(set) var startMessages: [String] = []

  private let process: ChildProcess
  private let errors: LineReader

  public struct DidNotStart: Error, CustomStringConvertible {
    public let description: String
  }

  /// Starts affectd and waits until its socket listens.
  ///
  /// - Parameter input: what it reads as standard input.
  public init(
    _ arguments: [String], environment: [String: String?] = [:], input: Int32? = nil,
    directory: TemporaryDirectory? = nil
  ) throws {
    self.directory = try directory ?? TemporaryDirectory()
    socket = self.directory.file("affectd.sock")
    let pipe = try OwnedPipe()
    process = try Program.start(
      "affectd", ["--socket", socket] + arguments, environment: environment, input: input, errors: pipe.writing)
    // Only the child holds the writing end now, so that its death ends the stream.
    pipe.closeWriting()
    errors = LineReader(descriptor: pipe.reading, keeping: pipe)
    while let line = try errors.next() {
      startMessages.append(line)
      if line.hasPrefix("affectd: OSC to") { return }
    }
    throw DidNotStart(description: startMessages.joined(separator: "\n"))
  }

  public var identifier: Int32 { process.identifier }

  public func signal(_ signal: Int32) { process.signal(signal) }

  /// Waits for the end; returns the exit code, and what was said on standard error since the start.
  public func waitForEnd() throws -> (status: Int32, messages: [String]) {
    var messages: [String] = []
    while let line = try errors.next() { messages.append(line) }
    return (process.wait(), messages)
  }
}
