internal import Glibc

/// A regular file that is open for reading. A FIFO is none: it could keep one waiting for ever.
public final class InputFile: Sendable {
  public let descriptor: Int32
  /// Bytes.
  public let size: Int

  /// - Throws: ``FileError``.
  public init(_ path: String) throws(FileError) {
    // A FIFO that is opened so does not wait for its writer.
    descriptor = FileName.withPath(path) { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .system }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = FileError.system
      close(descriptor)
      throw error
    }
    size = Int(status.st_size)
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a regular file")
    }
  }

  /// Everything that standard input gives, in a file without a name.
  ///
  /// - Throws: ``FileError``.
  public init(copyingStandardInput: Void) throws(FileError) {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    var template = Array("\(directory)/affectctl-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw .system }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(template)
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    while true {
      let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0, count == 0 || FileBytes.write(bytes[..<count], to: descriptor) else {
        let error = FileError.system
        close(descriptor)
        throw error
      }
      if count == 0 { break }
      total += count
    }
    size = total
  }

  deinit { close(descriptor) }

  /// `count` bytes from `offset` on; fewer at the end.
  ///
  /// - Throws: ``FileError`` if the file cannot be read there.
  public func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let read = result.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, count - done, offset + done)
      }
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw .system }
      if read == 0 { break }
      done += read
    }
    return done == count ? result : Array(result.prefix(done))
  }

  /// Reads what fits into `buffer` from `offset` on, without taking memory.
  ///
  /// - Returns: the number of bytes; 0 at the end, or where the file cannot be read.
  public func read(at offset: Int, into buffer: inout [UInt8]) -> Int {
    buffer.withUnsafeMutableBytes { buffer in
      while true {
        let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
        if count < 0 && errno == EINTR { continue }
        return max(0, count)
      }
    }
  }

  /// The same for a reader to whom what cannot be read is the end.
  public func bytes(at offset: Int, count: Int) -> [UInt8] { (try? read(at: offset, count: count)) ?? [] }
}

/// Which file it is, whatever its name.
struct FileIdentity: Equatable, Sendable {
  let device: dev_t
  let inode: ino_t

  init(_ status: stat) { (device, inode) = (status.st_dev, status.st_ino) }
}

public enum FileBytes {
  /// Writes all of `bytes`. Returns false, with `errno` set, if the descriptor does not take them.
  public static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let result = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)  // there are bytes left
        if result < 0 && errno == EINTR { continue }
        guard result > 0 else { return false }
        done += result
      }
      return true
    }
  }
}
