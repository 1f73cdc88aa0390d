internal import Glibc
internal import Platform

/// The files of a folder and of the folders in it. A data set's files are found by their names, because archives are
/// unpacked in many ways.
struct FileTree {
  struct File {
    let path: String
    let name: String
    /// The name of the folder that it lies in; empty for the root.
    let folder: String
    /// Path of that folder.
    let folderPath: String
    /// 1 for a file of the root itself.
    let depth: Int
    /// Bytes.
    let size: Int
  }

  let root: String
  /// The folder's own name.
  let name: String
  /// The regular files, the nearest to the root first, then by path. Hidden ones are left out.
  let files: [File]

  static let maximumDepth = 6
  static let maximumFileCount = 200_000

  /// - Throws: ``Failure`` if `root` is no folder that can be read, or holds too many files.
  init(root: String) throws(Failure) {
    var status = stat()
    guard FileName.withPath(root, { stat($0, &status) }) == 0 else {
      throw Failure(.noInput, root, "cannot be read: \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(.noInput, root, "is not a folder; name the folder that holds the audio and the tables")
    }
    self.root = root
    name = Self.name(of: root)
    var files: [File] = []
    var folders = [(path: root, name: "")]
    // Links to folders are followed, which can lead round in a circle.
    var visited: Set<[UInt64]> = [[UInt64(status.st_dev), UInt64(status.st_ino)]]
    for depth in 1...Self.maximumDepth {
      var deeper: [(path: String, name: String)] = []
      for folder in folders {
        let names = try? Directory.names(in: folder.path)
        if names == nil, depth == 1 { throw Failure(.noInput, root, "cannot be listed; may you read it?") }
        for name in (names ?? []).sorted() where !name.hasPrefix(".") {
          let path = "\(folder.path)/\(name)"
          guard FileName.withPath(path, { stat($0, &status) }) == 0 else { continue }
          switch status.st_mode & S_IFMT {
          case S_IFREG:
            files.append(
              File(
                path: path, name: name, folder: folder.name, folderPath: folder.path, depth: depth,
                size: Int(status.st_size)))
          case S_IFDIR where visited.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted:
            deeper.append((path, name))
          default: break
          }
        }
        guard files.count <= Self.maximumFileCount else {
          throw Failure(
            .invalidData, root, "holds more than \(Self.maximumFileCount) files; name the data set's own folder")
        }
      }
      folders = deeper
    }
    self.files = files
  }

  /// The last part of the path, also if that is written as `.` or through links.
  private static func name(of root: String) -> String {
    let resolved = realpath(root, nil)
    defer { free(resolved) }
    let path = resolved.map { String(cString: $0) } ?? root
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The file called `name`, upper and lower case the same, that is nearest to the root.
  func first(named name: String) -> File? {
    let name = name.lowercased()
    return files.first { $0.name.lowercased() == name }
  }

  /// Path of the file called `name` in the root itself; nil if there is none.
  func rootFile(named name: String) -> String? {
    files.first { $0.depth == 1 && $0.name == name }?.path
  }
}
