internal import Glibc
internal import Platform

/// A Unix socket at a path: made so that two programs that start at once cannot take it from each other, and removed
/// only by the one who made it.
struct SocketPath: Sendable {
  let path: String
  /// Which file it is, so that another one of the same name stays.
  private let identity: (device: dev_t, inode: ino_t)

  /// Listens at `path`. Makes its directory if only that is missing, and takes the place of a socket on which nobody
  /// listens. Its owner and the group may connect: lighting programs run as other users.
  ///
  /// - Returns: the descriptor, which the caller closes, and the path.
  /// - Throws: ``Failure`` if a daemon listens there, if it is something else than a socket, or if it cannot be
  ///   made.
  static func listen(_ path: String) throws(Failure) -> (descriptor: Int32, path: SocketPath) {
    guard FileName.bytes(path).count <= UnixSocket.pathLimit else {
      throw unusable(
        path,
        "the path has \(FileName.bytes(path).count) bytes, at most \(UnixSocket.pathLimit) are possible: choose a shorter one with "
          + "--socket")
    }
    let directory = directory(of: path)
    try makeDirectory(directory, path)
    // Who else wants to look, remove and bind here waits until this is done.
    let lock = FileName.withPath(directory) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
      let reason = String(cString: strerror(errno))
      if lock >= 0 { close(lock) }
      throw unusable(path, "the directory \(directory) cannot be used: \(reason)")
    }
    defer { close(lock) }
    try clear(path)
    return try bind(path)
  }

  /// Removes the socket, unless another one has taken its place.
  func remove() {
    var status = stat()
    guard FileName.withPath(path, { lstat($0, &status) }) == 0, status.st_dev == identity.device,
      status.st_ino == identity.inode
    else { return }
    Self.remove(path)
  }

  private static func bind(_ path: String) throws(Failure) -> (descriptor: Int32, path: SocketPath) {
    func failure() -> Failure { unusable(path, "cannot listen: \(String(cString: strerror(errno)))") }
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw failure() }
    let isBound = UnixSocket.withAddress(path) { Glibc.bind(descriptor, $0, $1) } == 0
    var status = stat()
    // Nobody can connect before it listens.
    guard isBound, FileName.withPath(path, { chmod($0, 0o660) }) == 0,
      FileName.withPath(path, { lstat($0, &status) }) == 0, Glibc.listen(descriptor, 1024) == 0
    else {
      let failure = failure()
      close(descriptor)
      if isBound { remove(path) }
      throw failure
    }
    return (descriptor, SocketPath(path: path, identity: (status.st_dev, status.st_ino)))
  }

  /// Makes sure that nothing is at `path`.
  private static func clear(_ path: String) throws(Failure) {
    var status = stat()
    guard FileName.withPath(path, { lstat($0, &status) }) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw unusable(path, "there is a file that is no socket: remove it, or choose another path with --socket")
    }
    do {
      close(try UnixSocket.connect(to: path))
    } catch {
      guard error.value == ECONNREFUSED else { throw unusable(path, "it is not clear who owns it: \(error)") }
      // Nobody listens: a daemon that died left it behind.
      remove(path)
      return
    }
    throw unusable(path, "another affectd listens there already: stop it, or choose another path with --socket")
  }

  private static func remove(_ path: String) { _ = FileName.withPath(path) { unlink($0) } }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func makeDirectory(_ directory: String, _ path: String) throws(Failure) {
    guard FileName.withPath(directory, { mkdir($0, 0o755) }) != 0, errno != EEXIST else { return }
    throw unusable(path, "the directory \(directory) cannot be made: \(String(cString: strerror(errno)))")
  }

  private static func unusable(_ path: String, _ reason: String) -> Failure {
    Failure(.unavailable, "socket \(path): \(reason)")
  }
}
