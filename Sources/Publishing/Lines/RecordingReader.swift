public import Affect
public import Platform

/// Reads a recording line by line: what `affectctl record` wrote, which are the lines of the socket as they came
/// (newline-delimited JSON). Lines of types that it does not know are passed over.
public struct RecordingReader: Sendable {
  /// Something that was published.
  public enum Entry: Sendable {
    case hello(hop: Hop)
    case estimate(TimedEstimate)
    case state(TrackerState, unixTime: Double)
    case mark(String, unixTime: Double)

    /// Wall-clock time, seconds since 1970; nil for the first line.
    public var unixTime: Double? {
      switch self {
      case .hello: nil
      case .estimate(let estimate): estimate.unixTime
      case .state(_, let time), .mark(_, let time): time
      }
    }
  }

  /// Bytes of a line.
  public static let lineLimit = 65_536

  private var lineNumber = 0
  private var hasHello = false

  public init() {}

  /// What the next line says; nil for one to be passed over.
  ///
  /// - Parameter line: without its line feed.
  /// - Throws: ``Failure`` that names the number of the line.
  public mutating func entry(_ line: [UInt8]) throws(Failure) -> Entry? {
    lineNumber += 1
    guard line.count <= Self.lineLimit else { throw problem("has more than \(Self.lineLimit) bytes") }
    guard line.contains(where: { $0 > 0x20 }) else { return nil }
    guard let value = JSONValue(line), let type = value["type"]?.string else {
      // A replay's record may hold replies, which have no type.
      if JSONValue(line)?["jsonrpc"] != nil { return nil }
      throw problem("is no line of a recording")
    }
    guard hasHello || type == "hello" else { throw problem("comes before the line of type hello") }
    switch type {
    case "hello": return try hello(value)
    case "affect": return .estimate(try estimate(value))
    case "state": return .state(try state(value), unixTime: try unixTime(value))
    case "mark":
      guard let label = value["label"]?.string, label.utf8.count <= ControlCommand.labelLimit else {
        throw problem("has no 'label' of at most \(ControlCommand.labelLimit) bytes")
      }
      return .mark(label, unixTime: try unixTime(value))
    default: return nil
    }
  }

  // MARK: - Lines

  private mutating func hello(_ value: JSONValue) throws(Failure) -> Entry {
    guard value["protocol"]?.number == Double(HelloLine.protocolVersion) else {
      throw problem("is of another protocol than \(HelloLine.protocolVersion)")
    }
    guard let hop = value["hop"]?.number.flatMap(Hop.init(seconds:)) else { throw problem("has no 'hop'") }
    hasHello = true
    return .hello(hop: hop)
  }

  private func estimate(_ value: JSONValue) throws(Failure) -> TimedEstimate {
    guard let number = value["seq"]?.number, let tick = Int(exactly: number), tick > 0 else {
      throw problem("has no 'seq' from 1 on")
    }
    guard let audioTime = value["audio_time"]?.number, audioTime.isFinite, audioTime >= 0 else {
      throw problem("has no 'audio_time'")
    }
    guard let level = finite(value["level"]) else { throw problem("has no 'level'") }
    let estimate = AffectEstimate(
      tick: tick, audioTime: audioTime, values: try values(value), level: level, state: try state(value),
      gap: max(0, value["gap"]?.number ?? 0), isFrozen: value["frozen"] == .bool(true),
      conditions: conditions(value["conditions"]))
    return TimedEstimate(estimate, unixTime: try unixTime(value))
  }

  /// Those that are known; a newer affectd may know more.
  private func conditions(_ value: JSONValue?) -> InputConditions {
    guard case .array(let names)? = value else { return [] }
    let found = InputConditions.all.filter { known in names.contains { $0.string == known.name } }
    return InputConditions(found.map(\.condition))
  }

  private func values(_ value: JSONValue) throws(Failure) -> AffectEstimate.Values? {
    if value["valence"] == nil && value["arousal"] == nil { return nil }
    let smoothed = Affect(valence: try coordinate(value, "valence"), arousal: try coordinate(value, "arousal"))
    var raw: Affect?
    if let object = value["raw"] {
      raw = Affect(valence: try coordinate(object, "valence"), arousal: try coordinate(object, "arousal"))
    }
    var quadrant: Quadrant?
    if let number = value["quadrant"] {
      quadrant = number.number.flatMap { Int(exactly: $0) }.flatMap(Quadrant.init(rawValue:))
      guard quadrant != nil else { throw problem("has a 'quadrant' that is not 1 to 4") }
    }
    var confidence: Float?
    if let number = value["confidence"] {
      confidence = finite(number)
      guard let confidence, (0...1).contains(confidence) else { throw problem("has a 'confidence' that is not 0 to 1") }
    }
    return AffectEstimate.Values(
      smoothed: smoothed, raw: raw, trend: try trend(value), quadrant: quadrant, confidence: confidence)
  }

  private func trend(_ value: JSONValue) throws(Failure) -> AffectTrend {
    guard let object = value["trend"] else { return .steady }
    guard let valence = finite(object["valence"]), let arousal = finite(object["arousal"]) else {
      throw problem("has a 'trend' that is not two numbers")
    }
    return AffectTrend(valence: valence, arousal: arousal)
  }

  /// Nil for what is no number, or too large for what is published.
  private func finite(_ value: JSONValue?) -> Float? {
    value?.number.map { Float($0) }.flatMap { $0.isFinite ? $0 : nil }
  }

  private func coordinate(_ value: JSONValue, _ name: String) throws(Failure) -> Float {
    guard let number = value[name]?.number, Affect.range.contains(Float(number)) else {
      throw problem("has no '\(name)' from -1 to 1")
    }
    return Float(number)
  }

  private func state(_ value: JSONValue) throws(Failure) -> TrackerState {
    guard let state = value["state"]?.string.flatMap(TrackerState.init(rawValue:)) else {
      throw problem("has no 'state' that is known")
    }
    return state
  }

  private func unixTime(_ value: JSONValue) throws(Failure) -> Double {
    // The years 1970 to 3000: a wait can be computed from it.
    guard let time = value["unix_time"]?.number, (0...32_503_680_000).contains(time) else {
      throw problem("has no 'unix_time'")
    }
    return time
  }

  private func problem(_ text: String) -> Failure {
    Failure(.invalidData, "line \(lineNumber) \(text)")
  }
}
