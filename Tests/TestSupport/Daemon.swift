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
  /// - Parameters:
  ///   - input: what it reads as standard input.
  ///   - output: what it writes standard output to.
  ///   - isService: without a controlling terminal, so that SIGHUP is a reload.
  ///   - launcher: a program and its arguments that start affectd; its path and arguments are added.
  public init(
    _ arguments: [String], environment: [String: String?] = [:], input: Int32? = nil, output: Int32? = nil,
    directory: TemporaryDirectory? = nil, isService: Bool = false, launcher: [String] = []
  ) throws {
    self.directory = try directory ?? TemporaryDirectory()
    socket = self.directory.file("affectd.sock")
    let pipe = try OwnedPipe()
    let command = launcher + ["\(Program.directory)/affectd", "--socket", socket] + arguments
    process = try Program.start(
      command[0], Array(command.dropFirst()), environment: environment, input: input, output: output,
      errors: pipe.writing, hasTerminal: !isService)
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

  /// The next line that it says and that has `text` in it; nil if it ends before.
  public func nextMessage(with text: String) throws -> String? {
    while let line = try errors.next() {
      if line.contains(text) { return line }
    }
    return nil
  }

  /// Waits for the end; returns the exit code, and what was said on standard error since the start.
  public func waitForEnd() throws -> (status: Int32, messages: [String]) {
    var messages: [String] = []
    while let line = try errors.next() { messages.append(line) }
    return (process.wait(), messages)
  }
}
