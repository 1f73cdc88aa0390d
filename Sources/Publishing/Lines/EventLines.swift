public import Affect

/// The line of a change of state, which comes at once and not with the next tick.
public struct StateLine: Sendable {
  public let state: TrackerState
  /// Seconds since 1970.
  public let unixTime: Double

  public init(_ state: TrackerState, unixTime: Double) {
    self.state = state
    self.unixTime = unixTime
  }

  public var json: String {
    var line = JSONLine()
    line.add("type", "state")
    line.add("state", state.rawValue)
    line.add("unix_time", (unixTime * 1e6).rounded() / 1e6)
    return line.object
  }
}

/// The line of a mark that somebody put into the stream.
public struct MarkLine: Sendable {
  public let label: String
  /// Seconds since 1970.
  public let unixTime: Double

  public init(label: String, unixTime: Double) {
    self.label = label
    self.unixTime = unixTime
  }

  public var json: String {
    var line = JSONLine()
    line.add("type", "mark")
    line.add("label", label)
    line.add("unix_time", (unixTime * 1e6).rounded() / 1e6)
    return line.object
  }
}
