/// Whether what is sent to a destination goes out, told once when that ends and once when it is so again.
package struct Outage: Sendable {
  /// Why nothing goes out; nil if the last packet did.
  package private(set) var reason: String?

  /// The outage that was told, and not yet its end.
  private var told: (start: Double, lost: Int)?
  /// Since when everything goes out again.
  private var recovery: Double?

  package enum Change: Equatable {
    case began(String)
    /// - Parameters:
    ///   - seconds: from the first packet that was lost to the first that was not.
    ///   - lost: packets.
    case ended(seconds: Double, lost: Int)
  }

  /// Seconds without an error after which an outage is over: a bad connection fills no log.
  package static let steadyTime = 5.0

  package init() {}

  /// A packet was lost at the time `now`, seconds of any clock.
  package mutating func failed(_ reason: String, now: Double) -> Change? {
    self.reason = reason
    recovery = nil
    defer { told = (told?.start ?? now, (told?.lost ?? 0) + 1) }
    return told == nil ? .began(reason) : nil
  }

  /// A packet went out at the time `now`.
  package mutating func succeeded(now: Double) -> Change? {
    reason = nil
    guard let told else { return nil }
    let recovery = recovery ?? now
    self.recovery = recovery
    guard now - recovery >= Self.steadyTime else { return nil }
    self.told = nil
    self.recovery = nil
    return .ended(seconds: recovery - told.start, lost: told.lost)
  }
}
