/// A receiver of OSC, and how it wants to be told.
public struct OSCDestination: Sendable, Equatable {
  /// As the configuration calls it; used in messages.
  public var name: String
  public var endpoint: OSCEndpoint
  /// What is sent, in this order.
  public var values: [OSCValue] = OSCValue.allCases
  /// The address of a value: `{value}` stands for its name, `{name}` for the destination's.
  public var address = "/affect/{value}"
  /// Addresses of single values, instead of ``address``.
  public var addresses: [OSCValue: String] = [:]
  /// What -1 and 1 of valence and arousal become; may run downwards.
  public var range: [Float] = [-1, 1]
  /// Ticks that are sent per second at most; nil for all.
  public var rate: Double?
  /// Whether the messages of a tick travel in one bundle, or each in a packet of its own.
  public var bundle = true
  public var timeTag = TimeTag.immediate
  public var onLoss = LossPolicy.standard

  public enum TimeTag: String, Sendable, CaseIterable {
    /// The receiver acts at once.
    case immediate
    /// The wall-clock time of the tick, for receivers that schedule.
    case audio
  }

  /// What may be set.
  public static let rates = 0.01...100.0
  public static let rangeLimit: Float = 1e6

  public static let standard = OSCDestination(name: "local", endpoint: .standard)

  public init(name: String, endpoint: OSCEndpoint) {
    self.name = name
    self.endpoint = endpoint
  }

  /// The address under which `value` is sent.
  public func address(of value: OSCValue) -> String {
    (addresses[value] ?? address)
      .replacing("{value}", with: value.rawValue)
      .replacing("{name}", with: name)
  }
}
