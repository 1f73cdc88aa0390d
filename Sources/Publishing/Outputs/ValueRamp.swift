internal import Affect

/// Leads lamps from one tick to the next without steps: straight, in the time that lay between the last two ticks.
package struct ValueRamp: Sendable {
  private var start: UnitValues
  package private(set) var goal: UnitValues
  /// When the goal came, seconds of any clock.
  private var goalTime: Double
  /// Seconds from there to the goal.
  private var duration = 0.0

  /// A tick that comes later than that is led to in this time (seconds).
  package static let longest = 1.0

  /// At `values` from the time `now` on.
  package init(_ values: UnitValues, now: Double) {
    (start, goal, goalTime) = (values, values, now)
  }

  /// Goes on to other values.
  ///
  /// - Parameter atOnce: without a way.
  package mutating func lead(to values: UnitValues, now: Double, atOnce: Bool = false) {
    start = self.values(now: now)
    duration = atOnce ? 0 : min(max(0, now - goalTime), Self.longest)
    (goal, goalTime) = (values, now)
  }

  /// The values at the time `now`.
  package func values(now: Double) -> UnitValues {
    guard isMoving(now: now) else { return goal }
    return start.mixed(with: goal, share: Float(max(0, now - goalTime) / duration))
  }

  package func isMoving(now: Double) -> Bool { now < goalTime + duration }
}
