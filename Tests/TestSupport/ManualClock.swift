public import Platform
internal import Synchronization

/// A clock that stands where the test puts it. Whoever sleeps moves it on.
public final class ManualClock: Clock {
  private let time: Atomic<UInt64>
  private let wallOffset: Atomic<UInt64>

  /// - Parameters:
  ///   - now: where it begins, seconds.
  ///   - wall: the same moment on the wall.
  public init(now: Double = 100, wall: Double = 1_000_100) {
    time = Atomic(now.bitPattern)
    wallOffset = Atomic((wall - now).bitPattern)
  }

  public var now: Double { Double(bitPattern: time.load(ordering: .relaxed)) }
  public var wall: Double { now + Double(bitPattern: wallOffset.load(ordering: .relaxed)) }

  public func advance(by seconds: Double) {
    time.store((now + seconds).bitPattern, ordering: .relaxed)
  }

  /// Sets the clock on the wall forward, as an administrator does.
  public func setWall(forward seconds: Double) {
    wallOffset.store((wall - now + seconds).bitPattern, ordering: .relaxed)
  }

  public func sleep(until time: Double) {
    advance(by: max(0, time - now))
  }
}
