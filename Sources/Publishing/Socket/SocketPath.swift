internal import Glibc

/// Makes sure that a path can be bound as a Unix socket.
enum SocketPath {
  /// Makes the directory of `path` if only that is missing, and removes a socket at `path` on which nobody listens.
  ///
  /// - Throws: ``PublishingError`` if a daemon listens there, if it is something else than a socket, or if the path is
  ///   too long.
  static func claim(_ path: String) throws(PublishingError) {
    guard path.utf8.count <= UnixSocket.pathLimit else {
      throw PublishingError(
        .unusableSocket,
        "socket \(path): the path has \(path.utf8.count) bytes, at most \(UnixSocket.pathLimit) are possible: "
          + "choose a shorter one with --socket")
    }
    try makeDirectory(of: path)
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw PublishingError(
        .unusableSocket,
        "socket \(path): there is a file that is no socket: remove it, or choose another path with --socket")
    }
    do {
      close(try UnixSocket.connect(to: path))
    } catch {
      guard error.value == ECONNREFUSED else {
        throw PublishingError(.unusableSocket, "socket \(path): it is not clear who owns it: \(error)")
      }
      // Nobody listens: a daemon that died left it behind.
      unlink(path)
      return
    }
    throw PublishingError(
      .unusableSocket,
      "socket \(path): another affectd listens there already: stop it, or choose another path with --socket")
  }

  private static func makeDirectory(of path: String) throws(PublishingError) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    let directory = String(path[..<slash])
    guard mkdir(directory, 0o755) != 0, errno != EEXIST else { return }
    throw PublishingError(
      .unusableSocket,
      "socket \(path): the directory \(directory) cannot be made: \(String(cString: strerror(errno)))")
  }
}
