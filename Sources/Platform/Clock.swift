internal import Glibc

/// Where the time comes from. Handed in, so that a test can say what time it is.
public protocol Clock: Sendable {
  /// Seconds since some moment in the past. It never goes backwards, nobody sets it, and it goes on while the machine
  /// sleeps.
  var now: Double { get }

  /// Seconds since 1970, as the clock on the wall shows them.
  var wall: Double { get }

  /// Returns when ``now`` is `time` or later.
  func sleep(until time: Double)
}

/// The clocks of the system: CLOCK_BOOTTIME and CLOCK_REALTIME (clock_gettime(2)).
public struct SystemClock: Clock {
  public init() {}

  public var now: Double { Self.seconds(CLOCK_BOOTTIME) }
  public var wall: Double { Self.seconds(CLOCK_REALTIME) }

  public func sleep(until time: Double) {
    let whole = time.rounded(.down)
    var deadline = timespec(tv_sec: Int(whole), tv_nsec: Int((time - whole) * 1e9))
    while clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &deadline, nil) == EINTR {}
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
