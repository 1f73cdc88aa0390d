public import Affect
public import Publishing

/// What is known of a running affectd: from the lines that it publishes, and from its answers to `get_state` and
/// `get_stats`.
public struct MonitorState: Sendable {
  /// What was published of a moment.
  public struct Moment: Sendable, Equatable {
    /// Seconds of audio.
    public let time: Double
    public let affect: Affect?
    /// Whether the values follow the music, and are not held.
    public let isLive: Bool
  }

  public struct Mark: Sendable, Equatable {
    public let label: String
    /// Seconds since 1970.
    public let unixTime: Double
    /// The audio time of the tick before it; nil if there was none.
    public let time: Double?
  }

  public struct Destination: Sendable, Equatable {
    /// As messages speak of the kind of output: OSC, DMX.
    public let kind: String
    public let name: String
    public let host: String
    /// Nil while packets go out.
    public let problem: String?
  }

  /// Seconds that are drawn.
  public static let span = 60.0
  static let markLimit = 50

  public private(set) var input = ""
  public private(set) var model = ""
  public private(set) var hop = 0.5
  public private(set) var latest: AffectEstimate?
  public private(set) var trackerState = TrackerState.starting
  public private(set) var moments: [Moment] = []
  public private(set) var marks: [Mark] = []
  /// The highest level of the last seconds, dBFS, falling slowly.
  public private(set) var peak: Float = -120
  public private(set) var isPaused = false
  public private(set) var destinations: [Destination] = []
  /// Clients of the socket; nil if that was not told yet.
  public private(set) var clients: Int?
  /// Clients of the web page; nil without one.
  public private(set) var webClients: Int?
  /// From audio to packet, seconds.
  public private(set) var latency: (p50: Double, p99: Double)?

  private var reader = RecordingReader()

  public init() {}

  /// Seconds of audio of the latest tick.
  public var time: Double { latest?.audioTime ?? 0 }

  /// Takes in a line that was published. What cannot be understood is passed over.
  ///
  /// - Returns: whether something has changed.
  public mutating func take(line: [UInt8]) -> Bool {
    // A newer affectd may say more than is known here.
    guard let entry = try? reader.entry(line) else { return false }
    switch entry {
    case .hello(let hop):
      let value = JSONValue(line)
      (self.hop, input, model) = (hop.seconds, value?["input"]?.string ?? "", value?["model"]?.string ?? "")
    case .estimate(let estimate): take(estimate.estimate)
    case .state(let state, _): trackerState = state
    case .mark(let label, let unixTime):
      marks.append(Mark(label: label, unixTime: unixTime, time: latest?.audioTime))
      if marks.count > Self.markLimit { marks.removeFirst() }
    }
    return true
  }

  private mutating func take(_ estimate: AffectEstimate) {
    // Another stream: affectd was started anew, or a replay begins again.
    if estimate.audioTime < time { moments = [] }
    let seconds = max(0, estimate.audioTime - time)
    peak = max(estimate.level, peak - Self.peakFall * Float(min(seconds, 60)))
    latest = estimate
    trackerState = estimate.state
    let isLive = estimate.values?.raw != nil && !estimate.isFrozen
    moments.append(Moment(time: estimate.audioTime, affect: estimate.values?.smoothed, isLive: isLive))
    let start = moments.firstIndex { $0.time > estimate.audioTime - Self.span } ?? 0
    moments.removeFirst(start)
  }

  /// dB in a second.
  private static let peakFall: Float = 6

  /// Takes in the result of `get_state`.
  public mutating func take(state: JSONValue) {
    isPaused = state["paused"] == .bool(true)
    if let name = state["state"]?.string, let known = TrackerState(rawValue: name) { trackerState = known }
    destinations = OutputKind.allCases.flatMap { kind in
      guard case .object(let members)? = state[kind.rawValue] else { return [Destination]() }
      return members.sorted { $0.key < $1.key }.map { name, entry in
        Destination(
          kind: kind.title, name: name, host: entry["host"]?.string ?? "", problem: entry["problem"]?.string)
      }
    }
  }

  /// Takes in the result of `get_stats`.
  public mutating func take(stats: JSONValue) {
    clients = stats["socket"]?["clients"]?.number.map { Int($0) }
    webClients = stats["web"]?["clients"]?.number.map { Int($0) }
    let delay = stats["latency"]?["audio_to_packet"]
    latency = delay?["p50"]?.number.flatMap { p50 in delay?["p99"]?.number.map { (p50, $0) } }
  }
}
