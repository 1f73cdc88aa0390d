package import Affect
internal import Glibc

/// Applies a ``LossPolicy`` to the values, one tick after another, without a jump on the way there or back.
package struct LossFader: Sendable {
  let policy: LossPolicy
  /// How far the values are on the way to where the policy leads, 0...1.
  private var progress = 0.0
  private var inputIsMissing = false
  private var lastTime: Double?

  /// Seconds of the way back, and of the way to fallback values.
  static let returning = 2.0
  static let falling = 1.0

  package init(_ policy: LossPolicy) {
    self.policy = policy
  }

  /// The values to send in place of those of `estimate`, nil if there are none.
  package mutating func apply(_ estimate: AffectEstimate) -> Affect? {
    let interval = max(0, estimate.audioTime - (lastTime ?? estimate.audioTime))
    lastTime = estimate.audioTime
    switch estimate.state {
    case .stalled, .reconnecting, .stopping: inputIsMissing = true
    case .tracking, .silent: inputIsMissing = false
    // The values are still those from before the loss.
    case .warmingUp, .starting: break
    }
    let affect = estimate.values?.smoothed
    let (goal, time): (Affect, Double)
    switch policy {
    case .hold: return affect
    case .decay(let seconds): (goal, time) = (.neutral, seconds)
    case .fallback(let values): (goal, time) = (values, Self.falling)
    }
    guard let affect else {
      guard case .fallback = policy, inputIsMissing else { return nil }
      // The receiver is there already, and stays there until there are values to go back to.
      progress = 1
      return goal
    }
    advance(interval, fallingTime: time)
    // Nothing follows: the receiver is left where the policy leads.
    if estimate.state == .stopping { progress = 1 }
    return affect.mixed(with: goal, share: Float((1 - cos(.pi * progress)) / 2))
  }

  private mutating func advance(_ interval: Double, fallingTime: Double) {
    if inputIsMissing {
      progress = fallingTime > 0 ? min(1, progress + interval / fallingTime) : 1
    } else {
      progress = max(0, progress - interval / Self.returning)
    }
  }
}
