/// A lamp with the firmware WLED that shows the mood's colour.
public struct WLEDDestination: OutputDestination {
  public var name: String
  /// Name or address.
  public var host: String
  public var mode: Mode
  /// Nil for WLED's own: 21324 (UDP) or 80.
  public var port: Int?
  /// UDP: LEDs of the strip, each of which gets the colour.
  public var leds = 60
  /// Nil for the lamp's own.
  public var brightness: Brightness?
  /// Frames or requests per second at most; nil for ``Mode/rate``.
  public var rate: Double?
  public var onLoss = LossPolicy.standard

  /// How it is told (kno.wled.ge/interfaces).
  public enum Mode: String, Sendable, CaseIterable {
    /// "UDP realtime": smooth, and in the place of what the lamp does by itself.
    case udp
    /// The JSON API: the first colour of the lamp's own effect.
    case json

    /// A lamp's web server takes a few requests a second.
    var rate: Double { self == .udp ? 25 : 2 }
    var port: Int { self == .udp ? 21_324 : 80 }
  }

  public enum Brightness: Sendable, Equatable {
    /// 1...255.
    case fixed(UInt8)
    /// 0...255; the lamp is off at 0.
    case value(UnitValue)
  }

  /// What may be set.
  public static let ledCounts = 1...1500
  public static let rates = 0.1...44.0
  public static let brightnesses = 1...255

  public init(name: String, host: String, mode: Mode = .udp) {
    self.name = name
    self.host = host
    self.mode = mode
  }

  public var endpoint: HostEndpoint { HostEndpoint(host: host, port: port ?? mode.port) }
}
