import Affect
import AudioInput
import Platform
import TestSupport
import Tracking

/// A whole input with its inference loop, on one thread and by a clock that the test moves: the real capture loop, ring
/// buffer, connector, tracking loop and tracker; a scripted source, and a network that is easy to foretell.
final class SteppedInput {
  let clock = ManualClock()
  /// What the source is now; a test that takes it away puts the next one here.
  private(set) var source: ScriptedSource
  /// What the next opening gives; nil while there is no device.
  var next: ScriptedSource?
  /// Whether the source is given audio as time passes.
  var isPlaying = true
  /// Whether anybody reads the source, and takes what was read.
  var isCapturing = true
  var isTracking = true

  private(set) var events: [TrackingEvent] = []
  private(set) var hasEnded = false
  private var commands: [TrackingCommand] = []
  private var captureLoop: CaptureLoop?
  private var connector: InputConnector?
  private var nextAttempt: Double?
  private var loop: TrackingLoop?
  /// Seconds of audio that the source is still to be given.
  private var owed = 0.0

  /// Milliseconds in which time passes.
  static let step = 0.01

  init(pace: AudioPace = .device, rate: Int = 1000, hop: Double = 0.25, opens: Bool = true) {
    source = ScriptedSource(pace: pace, rate: rate)
    let tracker = AffectTracker(
      embedder: MeanProbe(), regressor: ProbeRegressor(),
      settings: TrackerSettings(hop: Hop(seconds: hop)!, smoothing: .none),  // a hop of the test
      clock: clock)
    let capture = opens ? capture(source) : nil
    loop = TrackingLoop(
      tracker, capture: capture, clock: clock,
      connect: { [unowned self] in connect(after: $0) }, onEvent: { [unowned self] in events.append($0) })
    loop?.begin()
  }

  func send(_ command: TrackingCommand) { commands.append(command) }

  /// Lets so many seconds pass.
  func run(_ seconds: Double) {
    let end = clock.now + seconds - 1e-9
    while clock.now < end && !hasEnded {
      pass(Self.step)
      work()
    }
  }

  /// Lets time pass in which nobody does anything: the process stands still. A device goes on, and keeps at most half
  /// a second.
  func sleep(_ seconds: Double) {
    pass(seconds)
    source.available = min(source.available, source.format.sampleRate / 2)
  }

  private func pass(_ seconds: Double) {
    clock.advance(by: seconds)
    owed += isPlaying ? seconds : 0
    let frames = Int((owed * Double(source.format.sampleRate)).rounded())
    source.available += frames
    owed -= Double(frames) / Double(source.format.sampleRate)
  }

  private func work() {
    var hasMore: Bool
    repeat {
      // A source that is paced moves the clock itself.
      hasMore = isCapturing && captureLoop?.step() == true && source.available > 0
      attempt()
      while isTracking, !hasEnded, let turn = loop?.turn(takeCommands()) {
        if turn == .ended { hasEnded = true }
        guard turn == .again else { break }
        attempt()
      }
    } while hasMore && !hasEnded
    // It has nothing more, and says so.
    if isCapturing && source.available == 0 { _ = captureLoop?.step() }
  }

  private func takeCommands() -> [TrackingCommand] {
    defer { commands = [] }
    return commands
  }

  private func capture(_ source: ScriptedSource) -> Capture {
    let reader = try! MonoReader(source, channel: .average)  // any source has a first channel
    let capture = Capture(reader)
    captureLoop = CaptureLoop(reader, capture, clock: clock)
    return capture
  }

  private func connect(after previous: Capture?) -> InputConnector {
    previous?.stop()
    _ = captureLoop?.step()
    // Everything happens on the test's thread.
    nonisolated(unsafe) let input = self
    let connector = InputConnector(after: previous, schedule: RetrySchedule(), clock: clock) {
      () throws(Failure) in
      guard let next = input.next else { throw Failure(.noInput, "there is no device") }
      input.source = next
      return input.capture(next)
    }
    self.connector = connector
    nextAttempt = clock.now
    return connector
  }

  private func attempt() {
    while let time = nextAttempt, time <= clock.now { nextAttempt = connector?.step() }
  }

  // MARK: - What was told

  var estimates: [TimedEstimate] {
    events.compactMap { if case .estimate(let estimate) = $0 { estimate } else { nil } }
  }

  /// The states and their times on the wall, in milliseconds since the start.
  var states: [(state: TrackerState, time: Int)] {
    events.compactMap {
      guard case .state(let state, let time) = $0 else { return nil }
      return (state, Int(((time - 1_000_100) * 1000).rounded()))
    }
  }

  var counters: InputCounters {
    events.reduce(into: InputCounters()) { if case .counters(let counters) = $1 { $0 = counters } }
  }

  func forgetEvents() { events = [] }
}
