internal import Glibc

/// The contents of a folder.
public enum Directory {
  /// The names in the folder at `path`, in no order, without `.` and `..`.
  ///
  /// - Throws: ``FileError``.
  public static func names(in path: String) throws(FileError) -> [String] {
    guard let stream = FileName.withPath(path, { opendir($0) }) else { throw .system }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [UInt8(ascii: ".")] && name != Array("..".utf8) { names.append(FileName.string(name)) }
    }
    return names
  }

  /// Makes the folder at `path`, and those that it lies in. What is there already, or cannot be made,
  /// shows when something is written into it.
  public static func make(_ path: String) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      _ = FileName.withPath(made) { mkdir($0, 0o755) }
    }
  }
}
