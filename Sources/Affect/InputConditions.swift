/// What is the matter with audio that arrives as it should: told to people and programs, and not fought.
public struct InputConditions: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Two channels are each other's opposite, as when a balanced line is on a stereo jack: their mean is silence.
  public static let channelsCancel = InputConditions(rawValue: 1)
  /// Samples lie far beyond full scale, as when 16-bit numbers come as floats. They count as silence.
  public static let outOfRange = InputConditions(rawValue: 2)
  /// Samples are cut off at full scale: the level before the converter is too high.
  public static let clipping = InputConditions(rawValue: 4)
  /// A channel is silent while another is not: the mean of both has half the level.
  public static let deadChannel = InputConditions(rawValue: 8)
  /// The mains hums.
  public static let hum = InputConditions(rawValue: 16)
  /// People talk, and there is no music.
  public static let speech = InputConditions(rawValue: 32)

  /// Each of them with its name on the wire and a sentence that says what to do.
  public static let all: [(condition: InputConditions, name: String, advice: String)] = [
    (.channelsCancel, "channels_cancel", "left and right cancel each other: try --channel left"),
    (
      .outOfRange, "out_of_range",
      "the samples lie far beyond full scale and count as silence: floats must lie between -1 and 1"
    ),
    (.clipping, "clipping", "the input clips: turn down what comes before it, a calibration cannot mend that"),
    (
      .deadChannel, "dead_channel",
      "a channel is silent while another is not, which halves the level: look at the cable, or try --channel left"
    ),
    (.hum, "hum", "the mains hums in the input: look at the cable's shield and at the ground of the mixer"),
    (.speech, "speech", "people talk, and there is no music: the values hold"),
  ]

  /// Names on the wire.
  public var names: [String] { Self.all.filter { contains($0.condition) }.map(\.name) }
}
