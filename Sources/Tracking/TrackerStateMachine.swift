public import Affect

/// Decides what state the tracker is in.
///
/// A plain value: everything that happens is told to it. Time is the business of ``StreamClock``.
public struct TrackerStateMachine: Sendable {
  /// What can happen.
  public enum Event: Sendable {
    /// The networks have run a first time.
    case networksReady
    /// What is the matter with the input.
    case input(StreamClock.Input)
    /// A tick was evaluated; `windowIsFull` says whether a whole window of audio lies behind it.
    case tick(windowIsFull: Bool)
    /// Level of the `seconds` of audio before a tick, dBFS.
    case level(Float, seconds: Double)
    /// Whether what is heard is music, as far as can be told.
    case sound(isMusic: Bool)
    /// affectd is to end.
    case stop
  }

  public private(set) var state = TrackerState.starting
  /// Whether the input is below the silence threshold right now, if only for a moment.
  public var isQuiet: Bool { silence.isQuiet }
  /// Whether the values are to hold: there is nothing to follow, or has been nothing for a moment.
  var isHolding: Bool { isQuiet || !isMusic }

  public var silenceSettings: SilenceSettings {
    get { silence.settings }
    set { silence.settings = newValue }
  }

  private var input = StreamClock.Input.unopened
  private var networksAreReady = false
  private var windowIsFull = false
  private var isMusic = true
  private var isStopping = false
  private var silence: SilenceDetector

  public init(silence: SilenceSettings = SilenceSettings()) {
    self.silence = SilenceDetector(silence)
  }

  /// Takes `event` in. Returns the new state if it has changed.
  @discardableResult
  public mutating func handle(_ event: Event) -> TrackerState? {
    switch event {
    case .networksReady:
      networksAreReady = true
    case .input(let new):
      if new == .lost && input != .lost {
        windowIsFull = false
        silence.restart()
        isMusic = true
      }
      input = new
    case .tick(let isFull):
      windowIsFull = isFull
    case .level(let level, let seconds):
      silence.add(level: level, seconds: seconds)
    case .sound(let isMusic):
      self.isMusic = isMusic
    case .stop:
      isStopping = true
    }
    let new = newState
    guard new != state else { return nil }
    state = new
    return new
  }

  private var newState: TrackerState {
    if isStopping { return .stopping }
    if !networksAreReady { return .starting }
    switch input {
    case .unopened: return .starting
    case .lost: return .reconnecting
    case .stalled: return .stalled
    case .open:
      if silence.isSilent { return .silent }
      if !isMusic { return .noMusic }
      return windowIsFull ? .tracking : .warmingUp
    }
  }
}
