import CommandLineSupport
import Glibc

/// Where a command's result goes: standard output, or a file.
final class OutputFile {
  private let path: String?
  private let descriptor: Int32
  private var pending: [UInt8] = []

  private static let bufferSize = 1 << 14

  /// - Parameter path: nil for standard output.
  /// - Throws: ``ProgramFailure`` if the file cannot be made.
  init(path: String?) throws {
    self.path = path
    guard let path else {
      descriptor = STDOUT_FILENO
      return
    }
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure }
  }

  /// Tells early that a file could not be made later.
  ///
  /// - Throws: ``ProgramFailure`` if there is no folder for `path`, or none that can be written to.
  static func checkFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(folder, W_OK | X_OK) == 0 else {
      throw ProgramFailure(.cannotCreate, "\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  func writeLine(_ line: String) throws {
    pending += Array(line.utf8) + [UInt8(ascii: "\n")]
    if pending.count >= Self.bufferSize { try flush() }
  }

  /// Writes out what is held back. To be called once, at the end.
  func finish() throws {
    try flush()
    guard path == nil || close(descriptor) == 0 else { throw failure }
  }

  private func flush() throws {
    guard Console.write(pending[...], to: descriptor) else { throw failure }
    pending.removeAll(keepingCapacity: true)
  }

  private var failure: ProgramFailure {
    ProgramFailure(
      .cannotCreate, "\(path ?? "standard output"): cannot be written: \(String(cString: strerror(errno)))")
  }
}
