import Affect
import Publishing

extension AffectEstimate {
  /// A tick of a stream with a hop of a quarter of a second. Its level is minus its number, so that it can be told from
  /// others over OSC.
  static func sample(
    _ tick: Int, _ smoothed: Affect? = Affect(valence: 0.5, arousal: -0.25), state: TrackerState = .tracking
  ) -> AffectEstimate {
    AffectEstimate(
      tick: tick, audioTime: Double(tick) * 0.25,
      values: smoothed.map { .init(smoothed: $0, raw: state == .tracking ? $0 : nil) }, level: -Float(tick),
      state: state)
  }
}

extension TimedEstimate {
  /// The same, a billion seconds after 1970.
  static func sample(
    _ tick: Int, _ smoothed: Affect? = Affect(valence: 0.5, arousal: -0.25), state: TrackerState = .tracking
  ) -> TimedEstimate {
    TimedEstimate(.sample(tick, smoothed, state: state), unixTime: 1e9 + Double(tick) * 0.25)
  }
}

extension [OSCMessage] {
  /// The arguments of the message for `address`; nil if there is none.
  subscript(_ address: String) -> [OSCArgument]? { first { $0.address == address }?.arguments }
}
