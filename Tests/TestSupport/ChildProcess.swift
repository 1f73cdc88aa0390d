public import Glibc

/// A running program. Foundation's `Process` lets its descriptors leak into children that are started at the same time,
/// and then waits for ever.
public final class ChildProcess {
  public let identifier: pid_t
  private var status: Int32?

  public struct Failure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
  }

  /// Starts `path`. The child gets these three descriptors and no other.
  ///
  /// - Parameter hasTerminal: whether it keeps the controlling terminal that the tests may have. Without one it is as
  ///   alone as a service.
  public init(
    _ path: String, _ arguments: [String], environment: [String: String], input: Int32, output: Int32, errors: Int32,
    hasTerminal: Bool = true
  ) throws {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // POSIX_SPAWN_SETSID, which Swift does not see.
    if !hasTerminal { posix_spawnattr_setflags(&attributes, 0x80) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in [input, output, errors].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
    }
    // A child that kept a socket of another test would keep its port.
    _ = addCloseFrom(&actions, 3)
    var child = pid_t()
    let result = Self.withCStrings([path] + arguments) { arguments in
      Self.withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawn(&child, path, &actions, &attributes, arguments, environment)
      }
    }
    guard result == 0 else { throw Failure("\(path): \(String(cString: strerror(result)))") }
    identifier = child
  }

  deinit {
    if status == nil {
      kill(identifier, SIGKILL)
      _ = wait()
    }
  }

  public func signal(_ signal: Int32) { kill(identifier, signal) }

  /// Waits for the end. The exit code, or minus the signal that ended it.
  public func wait() -> Int32 {
    if let status { return status }
    var raw: Int32 = 0
    while waitpid(identifier, &raw, 0) < 0 && errno == EINTR {}
    let code = raw & 0x7F == 0 ? raw >> 8 & 0xFF : -(raw & 0x7F)
    status = code
    return code
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }  // it has at least the nil
  }
}

/// A pipe whose ends no child inherits by accident: a socket pair, because Swift does not see `pipe2`.
public final class OwnedPipe {
  public let reading: Int32
  public private(set) var writing: Int32

  public init() throws {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw ChildProcess.Failure("no pipe")
    }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    closeWriting()
  }

  public func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }
}

/// glibc's own, which its headers show only with _GNU_SOURCE: closes all descriptors from `first` on in the child.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func addCloseFrom(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32) -> Int32
