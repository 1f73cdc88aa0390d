internal import Affect
internal import AudioInput
internal import SignalProcessing

/// What the inference thread does, turn after turn.
final class TrackingLoop {
  private let tracker: AffectTracker
  private let settings: TrackingThread.Input
  private let commands: () -> [TrackingCommand]
  private let onTurn: () -> Void
  private let onEvent: (TrackingEvent) -> Void

  private var input: Input
  private var timeline = Timeline(now: MonotonicClock.now)
  private var counters = InputCounters()
  private var reportedCounters = InputCounters()
  private var reportedState = TrackerState.starting
  private var reportedFailure: String?
  private var measurement: LoudnessMeasurement?
  private var samples = [Float](repeating: 0, count: 1024)
  private var isStopping = false

  private enum Input {
    case capturing(Session)
    case connecting(InputConnector)
  }

  /// A stretch of audio from one opening of the input.
  private struct Session {
    let capture: CaptureThread
    /// Audio time of its first frame; nil until audio comes.
    var origin: Double?
    /// Frames taken out of the ring buffer.
    var position = 0
    var gapSamples = 0
    var overruns = 0
    var invalidSamples = 0
    let isFirst: Bool
  }

  /// A loudness that is being measured.
  private struct LoudnessMeasurement {
    var seconds: Double
    var meter: LoudnessMeter?
    var remaining = 0
  }

  init(
    _ tracker: AffectTracker, input: TrackingThread.Input, commands: @escaping () -> [TrackingCommand],
    onTurn: @escaping () -> Void, onEvent: @escaping (TrackingEvent) -> Void
  ) {
    self.tracker = tracker
    self.settings = input
    self.commands = commands
    self.onTurn = onTurn
    self.onEvent = onEvent
    if let capture = input.capture {
      self.input = .capturing(Session(capture: capture, isFirst: true))
    } else {
      self.input = .connecting(InputConnector.start(after: nil, schedule: input.schedule, open: input.reopen))
    }
  }

  func run() {
    tracker.warmUp()
    onEvent(.ready)
    switch input {
    case .capturing(let session): opened(session.capture)
    case .connecting: note(.inputLost)
    }
    while true {
      onTurn()
      for command in commands() { apply(command) }
      if isStopping { return stop() }
      switch input {
      case .capturing(var session):
        let ending = serve(&session)
        if case .capturing = input { input = .capturing(session) }
        if let ending {
          onEvent(.ended(ending))
          return
        }
      case .connecting(let connector):
        serve(connector)
      }
      reportCounters()
    }
  }

  // MARK: - With a device

  /// One turn while the input is open. Returns its ending when nothing follows.
  private func serve(_ session: inout Session) -> CaptureThread.Ending? {
    let capture = session.capture
    // Asked before reading: what was written before the end is read all the same.
    let ending = capture.end
    let count = capture.ring.read(into: &samples)
    if count > 0 {
      capture.didRead()
      take(count, &session)
    } else if let ending {
      self.count(&session)
      if capture.isLive, let error = ending.error, error.code == .deviceLost {
        lose(session, error)
        return nil
      }
      tracker.finish { publish($0, unixTime: self.unixTime(of: $0, session), timing: nil) }
      note(.stop)
      return ending
    } else {
      let now = MonotonicClock.now
      note(.time(now))
      if tracker.inputIsGivenUp {
        lose(session, AudioInputError(.deviceLost, "the device gave nothing for \(Int(CaptureThread.lossTime)) s"))
        return nil
      }
      idle(now)
      capture.waitForAudio(atMost: timeToNextTick(now))
    }
    return nil
  }

  private func take(_ count: Int, _ session: inout Session) {
    let capture = session.capture
    if session.origin == nil { begin(&session) }
    let origin = session.origin ?? 0  // begun above
    note(.audioArrived(at: capture.lastArrivalTime))
    let gap = capture.ring.gapSampleCount - session.gapSamples
    if gap > 0 {
      session.gapSamples += gap
      let seconds = Double(gap) / Double(capture.sampleRate)
      counters.lostSeconds += seconds
      tracker.noteGap(seconds)
    }
    session.position += count
    timeline.audioArrived(
      at: capture.lastArrivalTime, audioTime: origin + Double(capture.position) / Double(capture.sampleRate))
    measure(count, rate: capture.sampleRate)
    let hopLength = tracker.hop.samples(atTick: 1, rate: capture.sampleRate)
    let isBehind = capture.isLive && capture.ring.available >= hopLength
    let consumed = session.position
    let current = session
    tracker.push(samples.span.extracting(first: count), isBehind: isBehind) { estimate in
      publish(
        estimate, unixTime: unixTime(of: estimate, current), timing: timing(of: estimate, current, consumed: consumed))
    }
    counters.skippedTicks = tracker.skippedTickCount
    self.count(&session)
  }

  /// The first audio of a session is here: its place in the audio time is known.
  private func begin(_ session: inout Session) {
    let capture = session.capture
    let duration = Double(capture.position) / Double(capture.sampleRate)
    // A device that was waited for from the start has lost nothing: the audio time has only gone on without it.
    let origin = session.isFirst ? 0 : timeline.audioTime(at: capture.lastArrivalTime - duration)
    let gap = timeline.hasBegun ? origin - timeline.end : 0
    session.origin = origin
    tracker.begin(inputRate: capture.sampleRate, origin: origin, gap: gap)
    if timeline.hasBegun {
      counters.lostSeconds += gap
      onEvent(.returned(gap: gap))
    }
  }

  private func opened(_ capture: CaptureThread) {
    tracker.isLive = capture.isLive
    note(.inputOpened(at: MonotonicClock.now))
  }

  // MARK: - Without a device

  private func lose(_ session: Session, _ error: AudioInputError) {
    onEvent(.lost(error))
    note(.inputLost)
    if measurement != nil {
      measurement = nil
      onEvent(.loudnessFailed)
    }
    reportedFailure = nil
    input = .connecting(
      InputConnector.start(after: session.capture, schedule: settings.schedule, open: settings.reopen))
  }

  private func serve(_ connector: InputConnector) {
    if let capture = connector.takeCapture() {
      if timeline.hasBegun { counters.reconnects += 1 }
      input = .capturing(Session(capture: capture, isFirst: false))
      opened(capture)
      onEvent(.opened(InputDescription(capture)))
      return
    }
    if let failure = connector.takeFailure(), failure.description != reportedFailure {
      reportedFailure = failure.description
      onEvent(.notOpened(failure))
    }
    let now = MonotonicClock.now
    idle(now)
    connector.wait(atMost: timeToNextTick(now))
  }

  /// Publishes the tick that is due while no audio comes.
  private func idle(_ now: Double) {
    guard tracker.state.isWithoutInput else { return }
    let audioTime = timeline.audioTime(at: now)
    guard let estimate = tracker.idle(at: audioTime) else { return }
    publish(estimate, unixTime: WallClock.now - (audioTime - estimate.audioTime), timing: nil)
  }

  private func timeToNextTick(_ now: Double) -> Double {
    max(0.001, tracker.hop.time(ofTick: tracker.lastTick + 1) - timeline.audioTime(at: now))
  }

  private func stop() {
    switch input {
    case .capturing(var session):
      session.capture.stop()
      self.count(&session)
    case .connecting(let connector):
      connector.stop()
    }
    note(.stop)
    reportCounters()
    onEvent(.ended(CaptureThread.Ending(error: nil, warnings: [])))
  }

  // MARK: - Commands

  private func apply(_ command: TrackingCommand) {
    switch command {
    case .smoothing(let smoothing): tracker.smoothing = smoothing
    case .silence(let silence): tracker.silence = silence
    case .deadBand(let deadBand): tracker.deadBand = deadBand
    case .gain(let gain): tracker.gain = gain
    case .freeze(let isFrozen): tracker.isFrozen = isFrozen
    case .reset: reset()
    case .measureLoudness(let seconds): measurement = LoudnessMeasurement(seconds: seconds)
    case .stop: isStopping = true
    }
  }

  /// The window is to be filled anew: a new stream begins at the present audio time.
  private func reset() {
    tracker.reset()
    guard case .capturing(let session) = input, let origin = session.origin else { return }
    let rate = session.capture.sampleRate
    tracker.begin(inputRate: rate, origin: origin + Double(session.position) / Double(rate))
  }

  private func measure(_ count: Int, rate: Int) {
    guard var current = measurement else { return }
    guard LoudnessMeter.sampleRates.contains(rate) else {
      measurement = nil
      onEvent(.loudness(nil))
      return
    }
    if current.meter == nil {
      current.meter = LoudnessMeter(sampleRate: rate)
      current.remaining = Int(current.seconds * Double(rate))
    }
    let part = min(count, current.remaining)
    current.meter?.add(samples.span.extracting(first: part))
    current.remaining -= part
    measurement = current
    if current.remaining == 0 {
      measurement = nil
      onEvent(.loudness(current.meter?.integrated))
    }
  }

  // MARK: - What is told

  private func note(_ event: TrackerStateMachine.Event) {
    tracker.note(event)
    reportState()
  }

  private func reportState() {
    guard tracker.state != reportedState else { return }
    reportedState = tracker.state
    onEvent(.state(reportedState, unixTime: WallClock.now))
  }

  private func publish(_ estimate: AffectEstimate, unixTime: Double, timing: TimedEstimate.Timing?) {
    reportState()
    onEvent(.estimate(TimedEstimate(estimate, unixTime: unixTime, timing: timing)))
  }

  private func unixTime(of estimate: AffectEstimate, _ session: Session) -> Double {
    let origin = session.origin ?? 0
    return session.capture.unixTime(ofAudioTime: estimate.audioTime - origin) ?? WallClock.now
  }

  private func timing(of estimate: AffectEstimate, _ session: Session, consumed: Int) -> TimedEstimate.Timing? {
    let capture = session.capture
    let boundary = tracker.hop.samples(
      atTick: estimate.tick, rate: capture.sampleRate, origin: session.origin ?? 0)
    guard let hopArrival = capture.time(ofArrivalAt: boundary),
      let windowArrival = capture.time(ofArrivalAt: consumed)
    else { return nil }
    let inference = tracker.inferenceTimes
    guard inference.start >= hopArrival else { return nil }
    return TimedEstimate.Timing(
      hopArrival: hopArrival, windowArrival: windowArrival, inferenceStart: inference.start,
      inferenceEnd: inference.end)
  }

  private func count(_ session: inout Session) {
    let capture = session.capture
    counters.overruns += capture.overrunCount - session.overruns
    counters.invalidSamples += capture.invalidSampleCount - session.invalidSamples
    session.overruns = capture.overrunCount
    session.invalidSamples = capture.invalidSampleCount
    counters.isWithoutPriority = capture.schedulingPriority == .ordinary
  }

  private func reportCounters() {
    guard counters != reportedCounters else { return }
    reportedCounters = counters
    onEvent(.counters(counters))
  }
}
