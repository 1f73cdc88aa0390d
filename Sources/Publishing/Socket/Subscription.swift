internal import Affect

/// What a client of the socket wants of the ticks.
public struct Subscription: Sendable, Equatable {
  /// Fields of the lines; nil for all. `type` and `seq` are always there. With an empty list nothing but replies is sent.
  public var fields: Set<AffectLine.Field>?
  /// Lines per second at most; nil for all.
  public var rate: Double?

  public static let all = Subscription()
  public static let rates = 0.01...100.0

  public init(fields: Set<AffectLine.Field>? = nil, rate: Double? = nil) {
    self.fields = fields
    self.rate = rate
  }

  /// Whether marks and changes of state are sent too.
  var includesEvents: Bool { fields?.isEmpty != true }
}

/// Chooses the ticks that a subscription wants.
struct SubscriptionFilter: Sendable {
  let subscription: Subscription
  private var lastSent: (audioTime: Double, state: TrackerState)?

  init(_ subscription: Subscription) {
    self.subscription = subscription
  }

  mutating func wants(_ estimate: AffectEstimate) -> Bool {
    guard subscription.includesEvents else { return false }
    if let rate = subscription.rate, let lastSent {
      let elapsed = estimate.audioTime - lastSent.audioTime
      guard elapsed >= 1 / rate - 1e-6 || elapsed < 0 || estimate.state != lastSent.state else { return false }
    }
    lastSent = (estimate.audioTime, estimate.state)
    return true
  }
}
