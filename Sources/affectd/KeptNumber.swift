import Glibc
import Logging
import Platform
import Publishing

/// A random number that is made once and kept in the ``StateDirectory``.
enum KeptNumber {
  /// Hexadecimal digits: 128 bits.
  private static let length = 32

  /// The secret that opens the web page beyond this machine. A bookmark stays good.
  static func webToken(_ logger: Logger) -> String { find("web-token", "the token of the web page", logger) }

  /// What receivers of sACN know this affectd by.
  static func component(_ logger: Logger) -> ComponentIdentifier {
    ComponentIdentifier(find("sacn-cid", "the identifier of this sACN source", logger)) ?? .random()
  }

  /// The one that is kept in the file `name`, or a new one, in hexadecimal digits.
  ///
  /// - Parameter what: how messages call it.
  private static func find(_ name: String, _ what: String, _ logger: Logger) -> String {
    guard let path = StateDirectory.path.map({ "\($0)/\(name)" }) else {
      logger.warning("there is no place to keep \(what): it is another one at each start")
      return new()
    }
    if let token = read(path) { return token }
    let token = new()
    StateDirectory.make()
    unlink(path)
    // For nobody else's eyes.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let isKept = descriptor >= 0 && FileBytes.write(Array((token + "\n").utf8)[...], to: descriptor)
    let reason = String(cString: strerror(errno))
    if descriptor >= 0 { close(descriptor) }
    if !isKept {
      logger.warning("\(path): \(what) cannot be kept (\(reason)): it is another one at each start")
    }
    return token
  }

  private static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: length)
    guard Glibc.read(descriptor, &bytes, length) == length else { return nil }
    let digits = Set("0123456789abcdef".utf8)
    return bytes.allSatisfy(digits.contains) ? String(decoding: bytes, as: UTF8.self) : nil
  }

  private static func new() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<length).map { _ in String(Int.random(in: 0..<16, using: &generator), radix: 16) }.joined()
  }
}
