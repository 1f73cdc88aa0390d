import CommandLineSupport
import Glibc
import Platform

/// Where a command's result goes: standard output, or a file that appears whole or not at all.
final class OutputFile {
  private let path: String?
  /// Nil for standard output.
  private let file: WholeFile?
  private var pending: [UInt8] = []

  private static let bufferSize = 1 << 14

  /// Opens the output. A caller that only wants to know early whether that is possible can drop it.
  ///
  /// - Parameters:
  ///   - path: nil for standard output.
  ///   - inputs: files that are read, none of which can be the output.
  /// - Throws: ``Failure`` if the file cannot be made.
  init(path: String?, inputs: [String] = []) throws(Failure) {
    self.path = path
    do throws(FileError) {
      file = try path.map { path throws(FileError) in try WholeFile(path, inputs: inputs) }
    } catch {
      throw Self.failure(path, error)
    }
  }

  func writeLine(_ line: String) throws(Failure) {
    try write(FileName.bytes(line) + [UInt8(ascii: "\n")])
  }

  func write(_ bytes: [UInt8]) throws(Failure) {
    pending += bytes
    if pending.count >= Self.bufferSize { try flush() }
  }

  /// Writes out what is held back, and puts the file into its place. To be called once, at the end; without it, a file
  /// that was there before stays.
  func finish() throws(Failure) {
    try flush()
    do throws(FileError) { try file?.finish() } catch { throw Self.failure(path, error) }
  }

  /// Writes out what is held back for standard output; a file does not come to be.
  func abandon() {
    if file == nil { try? flush() }
  }

  private func flush() throws(Failure) {
    defer { pending.removeAll(keepingCapacity: true) }
    if let file {
      do throws(FileError) { try file.write(pending) } catch { throw Self.failure(path, error) }
    } else if !Console.write(pending[...], to: STDOUT_FILENO) {
      throw Failure(
        .cannotCreate, "standard output: cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  private static func failure(_ path: String?, _ error: FileError) -> Failure {
    Failure(.cannotCreate, "\(path ?? "standard output"): cannot be written: \(error)")
  }
}
