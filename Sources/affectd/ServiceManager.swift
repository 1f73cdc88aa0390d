import Affect
import AudioInput
import Glibc
import Platform
import Synchronization

/// What affectd tells systemd: datagrams to the socket in `NOTIFY_SOCKET` (sd_notify(3)). Without systemd it says
/// nothing.
final class ServiceManager: Sendable {
  private let path: [UInt8]?
  private let descriptor: Int32
  /// Seconds from one sign of life to the next; nil if nobody watches.
  private let watchdogInterval: Double?
  private let lastSign = Atomic<UInt64>(0)

  init() {
    let name = getenv("NOTIFY_SOCKET").map { Array(String(cString: $0).utf8) }
    // A leading @ stands for the zero of an abstract address.
    path = name.flatMap { name in
      guard let first = name.first, name.count < 108 else { return nil }
      return first == UInt8(ascii: "@") ? [0] + name.dropFirst() : name
    }
    descriptor = path == nil ? -1 : socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    watchdogInterval = Self.watchdogPeriod.map { $0 / 4 }
  }

  func ready(status: String) { send("READY=1\nSTATUS=\(status)") }

  func reloading() {
    // systemd wants this very clock (sd_notify(3)).
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
  }

  func stopping() { send("STOPPING=1") }

  func status(_ status: String) { send("STATUS=\(status)") }

  /// Gives a sign of life if one is due. Called by the inference loop itself, so that one that hangs gives none.
  func feedWatchdog() {
    guard let watchdogInterval else { return }
    let now = SystemClock().now
    guard now - Double(bitPattern: lastSign.load(ordering: .relaxed)) >= watchdogInterval else { return }
    lastSign.store(now.bitPattern, ordering: .relaxed)
    send("WATCHDOG=1")
  }

  private func send(_ message: String) {
    guard let path, descriptor >= 0 else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = MemoryLayout<sa_family_t>.size + path.count
    let bytes = Array(message.utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(
          descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), $0,
          socklen_t(length))
      }
    }
  }

  /// Seconds without a sign of life after which systemd acts, if that is set for this process
  /// (sd_watchdog_enabled(3)).
  private static var watchdogPeriod: Double? {
    guard let text = getenv("WATCHDOG_USEC"), let microseconds = Double(String(cString: text)), microseconds > 0 else {
      return nil
    }
    if let process = getenv("WATCHDOG_PID"), String(cString: process) != "\(getpid())" { return nil }
    return microseconds * 1e-6
  }
}
