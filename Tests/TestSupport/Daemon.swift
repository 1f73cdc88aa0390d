public import Foundation

/// A running affectd, with a socket of its own.
public final class Daemon {
  public let socket: String
  public let directory: TemporaryDirectory
  /// What it said on standard error before it was ready.
  public private(set) var startMessages: [String] = []

  private let process: Process
  private let errors: LineReader

  public struct DidNotStart: Error, CustomStringConvertible {
    public let description: String
  }

  /// Starts affectd and waits until its socket listens.
  ///
  /// - Parameter input: what it reads as standard input.
  public init(
    _ arguments: [String], environment: [String: String?] = [:], input: FileHandle? = nil,
    directory: TemporaryDirectory? = nil
  ) throws {
    self.directory = try directory ?? TemporaryDirectory()
    socket = self.directory.file("affectd.sock")
    process = try Program.prepare("affectd", ["--socket", socket] + arguments, environment)
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = input ?? FileHandle.nullDevice
    errors = LineReader(descriptor: pipe.fileHandleForReading.fileDescriptor, keeping: pipe)
    try process.run()
    // Only the child holds the writing end now, so that its death ends the pipe.
    try pipe.fileHandleForWriting.close()
    while let line = try errors.next() {
      startMessages.append(line)
      if line.hasPrefix("affectd: OSC to") { return }
    }
    throw DidNotStart(description: startMessages.joined(separator: "\n"))
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  public func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end; returns the exit code (or signal), and what was said on standard error since the start.
  public func waitForEnd() throws -> (status: Int32, messages: [String]) {
    var messages: [String] = []
    while let line = try errors.next() { messages.append(line) }
    process.waitUntilExit()
    return (process.terminationStatus, messages)
  }
}
