import Affect
import CommandLineSupport
import Glibc
import Platform
import Publishing

/// A recording in a file, read line by line.
struct RecordingFile: ~Copyable {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private var reader = RecordingReader()

  /// - Throws: ``Failure`` if it cannot be read.
  init(path: String) throws(Failure) {
    let input: InputFile
    do throws(FileError) { input = try InputFile(path) } catch {
      throw Failure(.noInput, "\(path): cannot be read: \(error)")
    }
    let copy = fcntl(input.descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0, let file = fdopen(copy, "r") else {
      throw Failure(.noInput, "\(path): cannot be read: \(String(cString: strerror(errno)))")
    }
    self.path = path
    self.file = file
  }

  deinit { fclose(file) }

  /// The next entry; nil at the end.
  ///
  /// - Throws: ``Failure`` that names the file and the line.
  mutating func next() throws(Failure) -> RecordingReader.Entry? {
    while let line = try nextLine() {
      do throws(Failure) {
        if let entry = try reader.entry(line) { return entry }
      } catch {
        throw Failure(.invalidData, "\(path): \(error.description)")
      }
    }
    return nil
  }

  /// Reads all of it, and returns its hop.
  ///
  /// - Throws: ``Failure`` if any line is wrong, or there is none.
  consuming func check() throws(Failure) -> Hop {
    var hop: Hop?
    while let entry = try next() {
      if case .hello(let value) = entry { hop = value }
    }
    guard let hop else { throw Failure(.invalidData, "\(path): is no recording: it is empty") }
    return hop
  }

  /// Nil at the end. Of a line that is too long no more is kept than shows that it is.
  private func nextLine() throws(Failure) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      let character = getc(file)
      if character == EOF {
        guard ferror(file) == 0 else { throw Failure(.noInput, "\(path): cannot be read") }
        return line.isEmpty ? nil : line
      }
      if character == 10 { return line }
      if line.count <= RecordingReader.lineLimit { line.append(UInt8(truncatingIfNeeded: character)) }
    }
  }
}
