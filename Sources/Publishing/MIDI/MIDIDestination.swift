/// What affectd's port of the ALSA sequencer sends as control changes.
public struct MIDIDestination: OutputDestination {
  /// There is one.
  public let name = "sequencer"
  /// The client's name, as `aconnect -l` shows it.
  public var client = "affectd"
  /// The port to connect to, as aconnect(1) takes it: a client's name or number, and `:PORT`; nil to wait for others to
  /// connect.
  public var connect: String?
  /// 1...16.
  public var channel = 1
  /// What each controller follows.
  public var controls: [Int: UnitValue]
  public var resolution = Resolution.sevenBits
  /// Ticks per second at most; nil for all.
  public var rate: Double?
  public var onLoss = LossPolicy.standard

  public enum Resolution: Int, Sendable, CaseIterable {
    case sevenBits = 7
    /// Controllers 0 to 31, each with the one 32 above it for the lower seven bits.
    case fourteenBits = 14
  }

  /// What may be set. Above 119 lie the channel mode messages (MIDI 1.0, "Channel Mode Messages").
  public static let channels = 1...16
  public static let controllers = 0...119
  public static let coarseControllers = 0...31

  public init(controls: [Int: UnitValue]) {
    self.controls = controls
  }
}
