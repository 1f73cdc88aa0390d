/// An MQTT broker, and how it is told.
public struct MQTTDestination: OutputDestination {
  /// There is one.
  public let name = "broker"
  public var host: String
  /// Nil for the usual one, 1883, or 8883 with TLS.
  public var port: Int?
  /// What all topics begin with. Two affectd at one broker need two.
  public var topic = "affectd"
  public var user: String?
  /// The file that the password is read from, at each connection.
  public var passwordFile: String?
  public var tls = false
  /// Certificates of the authorities that may vouch for the broker, in PEM; nil for the system's. With them there is TLS
  /// in any case.
  public var authorities: String?
  /// Whether Home Assistant is told what there is.
  public var discovery = true
  /// Ticks per second at most.
  public var rate = 1.0
  public var onLoss = LossPolicy.standard

  public static let topicLimit = 100

  public init(host: String) {
    self.host = host
  }

  public var endpoint: HostEndpoint { HostEndpoint(host: host, port: port ?? (isEncrypted ? 8883 : 1883)) }

  var isEncrypted: Bool { tls || authorities != nil }

  /// Whether `text` can be what topics begin with: parts of letters, digits, `-` and `_`, with `/` between them.
  public static func isTopic(_ text: String) -> Bool {
    text.utf8.count <= topicLimit
      && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
              true
            default: false
            }
          }
      }
  }
}
