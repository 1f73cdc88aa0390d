public import Affect
internal import AudioInput

/// Decides what state the tracker is in.
///
/// A plain value: everything that happens is told to it, time included, so that a test can drive it without a clock.
public struct TrackerStateMachine: Sendable {
  /// What can happen. Times are seconds of one monotonic clock.
  public enum Event: Sendable {
    /// The networks have run a first time.
    case networksReady
    /// The input was opened.
    case inputOpened(at: Double)
    /// Audio came.
    case audioArrived(at: Double)
    /// The input is lost, or was never there.
    case inputLost
    /// A tick was evaluated; `windowIsFull` says whether a whole window of audio lies behind it.
    case tick(windowIsFull: Bool)
    /// Level of the `seconds` of audio before a tick, dBFS.
    case level(Float, seconds: Double)
    /// Time has passed.
    case time(Double)
    /// affectd is to end.
    case stop
  }

  public private(set) var state = TrackerState.starting
  /// Whether the input is below the silence threshold right now, if only for a moment.
  public var isQuiet: Bool { silence.isQuiet }
  /// Whether a live input has given nothing for so long that it must be opened anew.
  public private(set) var inputIsGivenUp = false

  public var silenceSettings: SilenceSettings {
    get { silence.settings }
    set { silence.settings = newValue }
  }

  /// Whether the input is one that can stall: a device.
  public var isLive = true

  private enum Input {
    case unopened
    /// Open; the time of the last audio, or of the opening.
    case open(lastAudio: Double)
    case stalled(lastAudio: Double)
    case lost
  }

  private var input = Input.unopened
  private var networksAreReady = false
  private var windowIsFull = false
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
    case .inputOpened(let time):
      input = .open(lastAudio: time)
      inputIsGivenUp = false
    case .audioArrived(let time):
      input = .open(lastAudio: time)
    case .inputLost:
      input = .lost
      windowIsFull = false
      inputIsGivenUp = false
      silence.restart()
    case .tick(let isFull):
      windowIsFull = isFull
    case .level(let level, let seconds):
      silence.add(level: level, seconds: seconds)
    case .time(let now):
      pass(now)
    case .stop:
      isStopping = true
    }
    let new = newState
    guard new != state else { return nil }
    state = new
    return new
  }

  private mutating func pass(_ now: Double) {
    guard isLive else { return }
    switch input {
    case .open(let lastAudio) where now - lastAudio >= CaptureThread.stallTime:
      input = .stalled(lastAudio: lastAudio)
      pass(now)
    case .stalled(let lastAudio) where now - lastAudio >= CaptureThread.lossTime:
      inputIsGivenUp = true
    case .open, .stalled, .unopened, .lost:
      break
    }
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
      return windowIsFull ? .tracking : .warmingUp
    }
  }
}
