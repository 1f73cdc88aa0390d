internal import Glibc

/// The clock that nobody sets (CLOCK_MONOTONIC).
public enum MonotonicClock {
  /// Seconds since some moment in the past.
  public static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The clock on the wall (CLOCK_REALTIME).
public enum WallClock {
  /// Seconds since 1970.
  public static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
