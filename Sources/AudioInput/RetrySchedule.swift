/// How long to wait before a device is tried again: a quarter of a second at first, twice as long each time, up to a
/// limit that still brings a device back within two seconds of its return.
public struct RetrySchedule: Sendable, Equatable {
  /// Seconds.
  public let shortest: Double
  public let longest: Double
  private var next: Double

  public init(shortest: Double = 0.25, longest: Double = 1.5) {
    self.shortest = shortest
    self.longest = longest
    next = shortest
  }

  /// Seconds to wait before the next attempt.
  public mutating func nextDelay() -> Double {
    defer { next = min(longest, 2 * next) }
    return next
  }
}
