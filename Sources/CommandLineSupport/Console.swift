internal import Glibc
internal import Platform

/// Text to the terminal, past any buffer.
public enum Console {
  /// Whether somebody reads standard output, or standard error, on a terminal.
  public static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
  public static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  public static func writeError(_ text: String) {
    _ = write(FileName.bytes(text)[...], to: STDERR_FILENO)
  }

  /// Tells the person of something that is odd but no error.
  public static func warn(_ program: String, _ message: String) {
    writeError("\(program): warning: \(message)\n")
  }

  public static func writeOutput(_ text: String) {
    _ = write(FileName.bytes(text)[...], to: STDOUT_FILENO)
  }

  /// Writes all of `bytes`. Returns false, with `errno` set, if the descriptor does not take them.
  public static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    FileBytes.write(bytes, to: descriptor)
  }
}
