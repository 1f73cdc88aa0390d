/// Allows so much per second on average, and so much at once (the token bucket of RFC 2697 with one rate).
package struct TokenBucket {
  /// Tokens per second.
  let rate: Double
  /// Tokens that are saved up at most.
  let burst: Double
  private var tokens: Double
  private var lastTime: Double

  package init(rate: Double, burst: Double, now: Double) {
    self.rate = rate
    self.burst = burst
    tokens = burst
    lastTime = now
  }

  /// Takes `amount` at the time `now`, seconds of any clock that does not go back. False, and nothing taken, if there is
  /// not so much.
  package mutating func take(_ amount: Double = 1, now: Double) -> Bool {
    refill(now)
    guard tokens >= amount else { return false }
    tokens -= amount
    return true
  }

  /// Whether nothing was taken for so long that it is as new.
  mutating func isFull(now: Double) -> Bool {
    refill(now)
    return tokens == burst
  }

  private mutating func refill(_ now: Double) {
    tokens = min(burst, tokens + max(0, now - lastTime) * rate)
    lastTime = max(lastTime, now)
  }
}
