/// A universe of DMX512 that affectd sends over the network, and what its channels follow.
public struct DMXDestination: OutputDestination {
  /// As the configuration calls it; also the name of the source for sACN's receivers.
  public var name: String
  public var networkProtocol: NetworkProtocol
  /// sACN: 1 to 63999; Art-Net: the port address, 0 to 32767 (net × 256 + subnet × 16 + universe).
  public var universe: Int
  /// Name or address; nil for the multicast group of an sACN universe. Art-Net has one, or a broadcast address.
  public var host: String?
  /// UDP port; the protocol's own as a rule.
  public var port: Int
  /// IPv4 address of this machine from which multicast goes out; nil for the system's choice.
  public var interface: String?
  /// What each channel gets, by its number from 1 on. The others get 0.
  public var channels: [Int: Channel]
  /// sACN: which of several sources a receiver follows, 0...200.
  public var priority = 100
  /// Frames per second at most.
  public var rate = 40.0
  public var onLoss = LossPolicy.standard

  public enum NetworkProtocol: String, Sendable, CaseIterable {
    /// ANSI E1.31-2018.
    case sacn
    /// Art-Net 4 (Artistic Licence).
    case artnet

    var port: Int { self == .sacn ? 5568 : 6454 }
    public var universes: ClosedRange<Int> { self == .sacn ? 1...63_999 : 0...32_767 }
  }

  /// What a channel follows.
  public enum Channel: Sendable, Equatable {
    /// The value, 0...255: of 16 bits the upper eight.
    case value(UnitValue)
    /// The lower eight of 16 bits, for a fixture with a second, fine channel.
    case fine(UnitValue)
    /// Always this, such as for a dimmer or a shutter.
    case fixed(UInt8)
  }

  /// What may be set.
  public static let channelNumbers = 1...512
  public static let priorities = 0...200
  /// DMX512 has no more than 44 frames per second.
  public static let rates = 1.0...44.0

  public init(
    name: String, _ networkProtocol: NetworkProtocol, universe: Int, host: String? = nil, channels: [Int: Channel]
  ) {
    self.name = name
    self.networkProtocol = networkProtocol
    self.universe = universe
    self.host = host
    self.channels = channels
    port = networkProtocol.port
  }

  /// Where its packets go.
  public var endpoint: HostEndpoint { HostEndpoint(host: host ?? multicastGroup, port: port) }

  /// Of the universe: 239.255, then its two bytes (E1.31-2018, section 9.3.1).
  private var multicastGroup: String { "239.255.\(universe >> 8).\(universe & 0xFF)" }
}
