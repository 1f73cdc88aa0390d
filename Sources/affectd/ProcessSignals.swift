import AudioInput
import Glibc
import Monitor
import Platform
import Synchronization

/// The signals that affectd acts on.
///
/// SIGTERM and SIGINT end it in order. A second one ends it at once, and so does the time: both in the signal handler,
/// which works whatever the rest of the program is waiting for. SIGHUP ends it where it has a controlling terminal,
/// which has been closed then; elsewhere it reads the configuration anew. Started under nohup(1) it keeps ignoring it.
enum ProcessSignals {
  enum Request: UInt8 {
    case end = 1
    case reload
  }

  /// Seconds that the end may take. systemd is told to wait for five.
  static let patience: UInt32 = 4

  private static let writingEnd = Atomic<Int32>(-1)
  private static let hangUpReloads = Atomic<Bool>(false)

  /// From here on a signal waits until ``deliver(to:)`` can hand it over. Called once, before there are threads.
  ///
  /// - Returns: where the requests can be read, for ``deliver(from:to:)``.
  static func begin() -> Int32 {
    var ends: [Int32] = [-1, -1]
    // A full pipe must not stop a handler.
    guard pipe(&ends) == 0 else { return -1 }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    writingEnd.store(ends[1], ordering: .relaxed)
    hangUpReloads.store(!hasControllingTerminal, ordering: .relaxed)
    for number in [SIGTERM, SIGINT] { signal(number) { ProcessSignals.end($0) } }
    signal(SIGALRM) { _ in ProcessSignals.giveUp() }
    if !isIgnored(SIGHUP) { signal(SIGHUP) { ProcessSignals.hangUp($0) } }
    return ends[0]
  }

  /// Hands the requests to `body`, on a thread of its own.
  static func deliver(from descriptor: Int32, to body: @escaping @Sendable (Request) -> Void) {
    startThread(name: "signals") {
      var byte: UInt8 = 0
      while true {
        let count = read(descriptor, &byte, 1)
        if count < 0 && errno == EINTR { continue }
        guard count == 1 else { return }
        if let request = Request(rawValue: byte) { body(request) }
      }
    }
  }

  // MARK: - In the signal handler: only what signal-safety(7) allows.

  private static func end(_ number: Int32) {
    switch EndSignals.note(number) {
    case .first:
      alarm(patience)
      send(.end)
    case .repetition: break
    case .insistence:
      MonitorSession.restoreTerminal()
      _exit(128 + number)
    }
  }

  private static func hangUp(_ number: Int32) {
    if hangUpReloads.load(ordering: .relaxed) { send(.reload) } else { end(number) }
  }

  private static func giveUp() {
    MonitorSession.restoreTerminal()
    let message: StaticString = "affectd: it could not end in order within 4 s\n"
    _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
    _exit(128 + EndSignals.first)
  }

  private static func send(_ request: Request) {
    let before = errno
    var byte = request.rawValue
    _ = write(writingEnd.load(ordering: .relaxed), &byte, 1)
    errno = before
  }

  // MARK: -

  private static var hasControllingTerminal: Bool {
    let terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { return false }
    close(terminal)
    return true
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // SIG_IGN, which Swift does not see.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
