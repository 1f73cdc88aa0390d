/// Who has asked for something for a while: leases that run out unless they are renewed.
package struct LeaseTable<Holder: Hashable & Sendable>: Sendable {
  /// Seconds.
  let duration: Double
  let limit: Int

  private var expirations: [Holder: Double] = [:]

  package init(duration: Double, limit: Int) {
    self.duration = duration
    self.limit = limit
  }

  package var holders: Dictionary<Holder, Double>.Keys { expirations.keys }

  /// Gives or renews a lease at the time `now`, seconds of any clock. False if there are too many.
  package mutating func renew(_ holder: Holder, now: Double) -> Bool {
    guard expirations[holder] != nil || expirations.count < limit else { return false }
    expirations[holder] = now + duration
    return true
  }

  package mutating func end(_ holder: Holder) {
    expirations[holder] = nil
  }

  /// Ends the leases that have run out, and returns their holders.
  package mutating func expire(now: Double) -> [Holder] {
    let expired = expirations.filter { $0.value <= now }.map(\.key)
    for holder in expired { expirations[holder] = nil }
    return expired
  }
}
