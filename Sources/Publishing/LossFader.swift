package import Affect
internal import Glibc

/// Applies a ``LossPolicy`` to the values, one tick after another, without a jump on the way there or back.
package struct LossFader: Sendable {
  let policy: LossPolicy
  /// How far the values are on the way to where the policy leads, 0...1.
  private var progress = 0.0
  private var inputIsMissing: Bool
  private var lastTime: Double?
  /// What the receiver was sent last.
  private var latest: Affect?
  /// Where this fader took over from another one during a loss. The policy leads from here, not from the held values.
  private var start: Affect?

  /// Seconds of the way back, and of the way to fallback values.
  static let returning = 2.0
  static let falling = 1.0

  /// For a receiver that was told nothing yet.
  ///
  /// - Parameter inputIsMissing: whether there is a loss now. The receiver is then sent at once to where the policy
  ///   leads.
  package init(_ policy: LossPolicy, inputIsMissing: Bool = false) {
    self.policy = policy
    self.inputIsMissing = inputIsMissing
    progress = inputIsMissing && policy != .hold ? 1 : 0
  }

  /// For a receiver that `old` has led until now, or, if that is nil, one that was told nothing yet.
  package init(_ policy: LossPolicy, replacing old: LossFader?, inputIsMissing: Bool) {
    if let old {
      self.init(policy, replacing: old)
    } else {
      self.init(policy, inputIsMissing: inputIsMissing)
    }
  }

  /// For a receiver that `old` has led until now.
  package init(_ policy: LossPolicy, replacing old: LossFader) {
    self.policy = policy
    inputIsMissing = old.inputIsMissing
    lastTime = old.lastTime
    latest = old.latest
    // On the way back the new one goes on from where the values are, as if that were its goal.
    start = old.isAway ? old.latest : nil
    progress = old.isAway && !old.inputIsMissing ? 1 : 0
  }

  /// Whether the receiver has other values than those of the tracker.
  private var isAway: Bool { inputIsMissing || progress > 0 }

  /// Whether `estimate` belongs to a loss, if the one before did or not.
  static func inputIsMissing(_ estimate: AffectEstimate, before: Bool) -> Bool {
    switch estimate.state {
    case .stalled, .reconnecting, .stopping: true
    case .tracking, .silent, .noMusic: false
    // The values are still those from before the loss.
    case .warmingUp, .starting: before
    }
  }

  /// The values to send in place of those of `estimate`, nil if there are none.
  package mutating func apply(_ estimate: AffectEstimate) -> Affect? {
    let interval = max(0, estimate.audioTime - (lastTime ?? estimate.audioTime))
    lastTime = estimate.audioTime
    let wasMissing = inputIsMissing
    inputIsMissing = Self.inputIsMissing(estimate, before: wasMissing)
    if wasMissing && !inputIsMissing, start != nil {
      // Back from where the receiver is.
      start = latest
      progress = 1
    }
    latest = values(estimate, after: interval)
    if !isAway { start = nil }
    return latest
  }

  private mutating func values(_ estimate: AffectEstimate, after interval: Double) -> Affect? {
    let affect = estimate.values?.smoothed
    let (goal, time): (Affect?, Double)
    switch policy {
    case .hold: (goal, time) = (start, 0)
    case .decay(let seconds): (goal, time) = (.neutral, seconds)
    case .fallback(let values): (goal, time) = (values, Self.falling)
    }
    guard let goal else { return affect }
    if inputIsMissing {
      guard let from = start ?? affect else {
        guard isFallback else { return nil }
        // The receiver is there already, and stays there until there are values to go back to.
        progress = 1
        return goal
      }
      progress = time > 0 ? min(1, progress + interval / time) : 1
      // Nothing follows: the receiver is left where the policy leads.
      if estimate.state == .stopping { progress = 1 }
      return from.mixed(with: goal, share: share)
    }
    guard let affect else { return nil }
    progress = max(0, progress - interval / Self.returning)
    return affect.mixed(with: start ?? goal, share: share)
  }

  private var isFallback: Bool { if case .fallback = policy { true } else { false } }

  private var share: Float { Float((1 - cos(.pi * progress)) / 2) }
}
