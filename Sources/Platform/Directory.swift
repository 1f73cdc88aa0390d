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
}
