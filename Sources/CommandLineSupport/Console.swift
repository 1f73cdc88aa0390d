internal import Glibc

/// Text to the terminal, past any buffer.
public enum Console {
  /// Whether somebody reads standard output, or standard error, on a terminal.
  public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
  public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  public static func writeError(_ text: String) {
    _ = write(Array(text.utf8)[...], to: STDERR_FILENO)
  }

  /// Tells the person of something that is odd but no error.
  public static func warn(_ program: String, _ message: String) {
    writeError("\(program): warning: \(message)\n")
  }

  public static func writeOutput(_ text: String) {
    _ = write(Array(text.utf8)[...], to: STDOUT_FILENO)
  }

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
