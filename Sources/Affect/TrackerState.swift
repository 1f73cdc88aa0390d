/// What affectd is doing. The raw values are the names on the wire; docs/protocol.md repeats the sentences of
/// ``meaning``.
public enum TrackerState: String, Sendable, CaseIterable {
  case starting
  case warmingUp
  case tracking
  case silent
  case noMusic
  case stalled
  case reconnecting
  case stopping

  /// One sentence for people.
  public var meaning: String {
    switch self {
    case .starting: "The networks are being made ready, and no audio has come yet."
    case .warmingUp: "Audio arrives, but the window is not full of it yet: there are no new values."
    case .tracking: "The values follow the music."
    case .silent: "The input has been quieter than the silence threshold for a while: the values hold, then decay."
    case .noMusic: "People talk, and there is no music: the values hold, then decay."
    case .stalled: "The input is open but has sent nothing for a second: the values hold."
    case .reconnecting: "The device is lost or not there yet, and is tried again and again."
    case .stopping: "affectd is ending, and nothing follows."
    }
  }

  /// Whether audio is missing, so that values, if there are any, are old.
  public var isWithoutInput: Bool {
    switch self {
    case .stalled, .reconnecting, .stopping: true
    case .starting, .warmingUp, .tracking, .silent, .noMusic: false
    }
  }
}
