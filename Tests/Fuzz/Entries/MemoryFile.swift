internal import Glibc

/// A file that lies in memory only, for readers that want a path. A disk would slow the fuzzer down.
struct MemoryFile: ~Copyable {
  private let descriptor: Int32

  /// Valid as long as this lives.
  var path: String { "/proc/self/fd/\(descriptor)" }

  init(_ bytes: [UInt8]) {
    var template = Array("/dev/shm/affectd-fuzz-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    precondition(descriptor >= 0, "no file in memory: \(String(cString: strerror(errno)))")
    // Nothing is left behind, however the process ends.
    unlink(template)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + written, $0.count - written)  // not empty
      }
      precondition(count > 0, "no room in memory: \(String(cString: strerror(errno)))")
      written += count
    }
  }

  deinit { close(descriptor) }
}
