internal import Glibc
internal import Synchronization

/// A file that appears whole or not at all: it is written without a name, and takes its place at the end. Until then, and
/// if it never comes to that, what was there before stays; of a process that is killed nothing is left. What is no regular
/// file, such as /dev/null or a FIFO, is written to directly.
///
/// Where the file system knows no files without a name (NFS), it has one beside its place meanwhile.
public final class WholeFile {
  /// Where it goes, behind symbolic links.
  private let path: String
  /// A name beside its place, which it has before it takes that; nil if it is written to directly.
  private var temporary: String?
  /// Whether it has no name yet.
  private var isUnnamed = false
  private var descriptor: Int32
  private var hasPlace = false

  private static let counter = Atomic<Int>(0)

  /// - Parameter inputs: files that are read; none of them can be the place.
  /// - Throws: ``FileError`` if the file cannot be made.
  public init(_ path: String, inputs: [String] = []) throws(FileError) {
    var status = stat()
    let exists = FileName.withPath(path) { stat($0, &status) } == 0
    if exists {
      let identity = FileIdentity(status)
      for input in inputs {
        var other = stat()
        if FileName.withPath(input, { stat($0, &other) }) == 0, FileIdentity(other) == identity {
          throw FileError("is also what is read (\(input)): name another file for the output")
        }
      }
    }
    if exists && status.st_mode & S_IFMT != S_IFREG {
      self.path = path
      descriptor = FileName.withPath(path) { open($0, O_WRONLY | O_CLOEXEC) }
      guard descriptor >= 0 else { throw .system }
      return
    }
    // A file that may not be written to is not to be replaced either.
    guard !exists || FileName.withPath(path, { access($0, W_OK) }) == 0 else { throw .system }
    self.path = exists ? Self.resolved(path) : path
    // Several threads may be writing the same file.
    let number = Self.counter.wrappingAdd(1, ordering: .relaxed).oldValue
    let temporary = "\(self.path).\(getpid())-\(number).part"
    descriptor = Self.openUnnamed(beside: self.path)
    isUnnamed = descriptor >= 0
    if !isUnnamed {
      descriptor = FileName.withPath(temporary) { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
    }
    guard descriptor >= 0 else { throw .system }
    self.temporary = temporary
    if exists { fchmod(descriptor, status.st_mode & 0o7777) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let temporary, !hasPlace, !isUnnamed { _ = FileName.withPath(temporary) { unlink($0) } }
  }

  /// A file without a name on the file system of `path`; negative where there can be none.
  private static func openUnnamed(beside path: String) -> Int32 {
    // Its name comes by way of /proc, see open(2) at O_TMPFILE, which Swift does not see.
    guard access("/proc/self/fd", X_OK) == 0 else { return -1 }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
    return FileName.withPath(String(folder)) { open($0, 0o20_000_000 | O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0o666) }
  }

  /// - Throws: ``FileError``.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    guard FileBytes.write(bytes[...], to: descriptor) else { throw .system }
  }

  /// Puts the file into its place. To be called once, at the end.
  ///
  /// - Parameter survivesPowerFailure: whether it is on the disk before it takes its place.
  /// - Throws: ``FileError``; what was there before stays then.
  public func finish(survivesPowerFailure: Bool = false) throws(FileError) {
    let isWritten = !survivesPowerFailure || fsync(descriptor) == 0
    if isWritten, isUnnamed, let temporary {
      let isNamed = FileName.withPath(temporary) {
        linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, $0, AT_SYMLINK_FOLLOW) == 0
      }
      guard isNamed else { throw .system }
      isUnnamed = false
    }
    let isClosed = close(descriptor) == 0
    descriptor = -1
    guard isWritten, isClosed else { throw .system }
    guard let temporary else { return }
    guard FileName.withPath(temporary, { from in FileName.withPath(path) { rename(from, $0) } }) == 0 else {
      throw .system
    }
    hasPlace = true
  }

  /// Writes all of a file at once.
  ///
  /// - Throws: ``FileError``.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let file = try WholeFile(path)
    try file.write(bytes)
    try file.finish()
  }

  private static func resolved(_ path: String) -> String {
    FileName.withPath(path) { pointer in
      guard let real = realpath(pointer, nil) else { return path }
      defer { free(real) }
      return FileName.string(UnsafeBufferPointer(start: real, count: strlen(real)).map(UInt8.init(bitPattern:)))
    }
  }
}
