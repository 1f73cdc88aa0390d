internal import Glibc

/// Reads lines from a descriptor; a line that does not come within a minute is an error, not a wait for ever.
public final class LineReader {
  private let descriptor: Int32
  /// What owns the descriptor.
  private let owner: AnyObject?
  private var buffer: [UInt8] = []

  private static let patience: Int32 = 60_000

  public struct NothingCame: Error {}

  public init(descriptor: Int32, keeping owner: AnyObject? = nil) {
    self.descriptor = descriptor
    self.owner = owner
  }

  /// The next line without its end, nil at the end of the stream.
  public func next() throws -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&request, 1, Self.patience) > 0 else { throw NothingCame() }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &bytes, bytes.count)
      guard count > 0 else { return nil }
      buffer += bytes[..<count]
    }
  }
}
