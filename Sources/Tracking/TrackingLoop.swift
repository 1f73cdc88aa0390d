package import Affect
package import AudioInput
package import Platform

/// What the inference thread does, turn after turn.
///
/// It takes blocks of audio out of the ring buffer and runs the tracker. What their times mean is decided by a
/// ``StreamClock``.
package final class TrackingLoop {
  private let tracker: AffectTracker
  private let connect: (_ previous: Capture?) -> InputConnector
  private let clock: any Clock
  private let onEvent: (TrackingEvent) -> Void

  private var input: Input
  private var stream: StreamClock
  private var counters = InputCounters()
  private var reportedCounters = InputCounters()
  private var reportedState = TrackerState.starting
  private var reportedAdaptation: Calibration?
  private var reportedFailure: String?
  private var measurement: RunningMeasurement?
  /// When the blocks of the stream that goes on came. Apart from the session, which is copied.
  private var arrivals = ArrivalHistory()
  private var samples: [Float] = []
  private var zeros = [Float](repeating: 0, count: 1024)
  private var isStopping = false

  private enum Input {
    case capturing(Session)
    case connecting(InputConnector)
  }

  /// A stretch of audio from one opening of the input.
  private struct Session {
    let capture: Capture
    /// Of the stream that goes on now: audio time of its first frame, and the frames since.
    var origin = 0.0
    var position = 0
    /// What the last block counted.
    var overruns = 0
    var invalidSamples = 0
  }

  /// What a turn asks of its thread.
  package enum Turn: Equatable {
    /// Another turn at once.
    case again
    /// Another turn when something has come, or after so many seconds.
    case wait(atMost: Double)
    /// Nothing follows.
    case ended
  }

  /// - Parameters:
  ///   - capture: the input, if it is open already.
  ///   - connect: begins to open the input, after the capture that lost it.
  ///   - refusals: what the thread asked of the system in vain.
  package init(
    _ tracker: AffectTracker, capture: Capture?, clock: any Clock = SystemClock(),
    connect: @escaping (_ previous: Capture?) -> InputConnector, refusals: SystemRefusals = [],
    onEvent: @escaping (TrackingEvent) -> Void
  ) {
    counters.refusals = refusals
    self.tracker = tracker
    self.connect = connect
    self.clock = clock
    self.onEvent = onEvent
    input = capture.map { .capturing(Session(capture: $0)) } ?? .connecting(connect(nil))
    stream = StreamClock(now: clock.now, wall: clock.wall)
  }

  /// Makes the networks ready.
  package func begin() {
    tracker.warmUp()
    onEvent(.ready)
    // The time of the warming up is not missing.
    stream = StreamClock(now: clock.now, wall: clock.wall)
    switch input {
    case .capturing(let session): opened(session.capture)
    case .connecting:
      stream.lost()
      reportState()
    }
  }

  /// Does what there is to do now. To be called again and again.
  package func turn(_ commands: [TrackingCommand] = []) -> Turn {
    for command in commands { apply(command) }
    if isStopping {
      stop()
      return .ended
    }
    let turn: Turn
    switch input {
    case .capturing(var session):
      turn = serve(&session)
      if case .capturing = input { input = .capturing(session) }
    case .connecting(let connector):
      turn = serve(connector)
    }
    checkMeasurement()
    reportCounters()
    reportAdaptation()
    return turn
  }

  /// Waits until something has come, or for so many seconds.
  func wait(atMost seconds: Double) {
    switch input {
    case .capturing(let session): session.capture.waitForAudio(atMost: seconds)
    case .connecting(let connector): connector.wait(atMost: seconds)
    }
  }

  // MARK: - With a device

  /// One turn while the input is open.
  private func serve(_ session: inout Session) -> Turn {
    let capture = session.capture
    // Asked before reading: what was written before the end is read all the same.
    let ending = capture.end
    if let block = capture.ring.read(into: &samples) {
      capture.didRead()
      take(block, &session)
      return .again
    }
    if let ending {
      if capture.isLive, let error = ending.error, error.code == .deviceLost {
        lose(session, error)
        return .again
      }
      tracker.finish { publish($0, unixTime: stream.unixTime(ofAudioTime: $0.audioTime), timing: nil) }
      note(.stop)
      reportCounters()
      onEvent(.ended(ending))
      return .ended
    }
    let now = clock.now
    let isGivenUp = stream.passed(now)
    reportState()
    if isGivenUp {
      lose(session, Failure(.deviceLost, "the device gave nothing for \(Int(StreamClock.lossTime)) s"))
      return .again
    }
    idle(now)
    return .wait(atMost: timeToNextTick(now))
  }

  private func take(_ block: AudioBlock, _ session: inout Session) {
    let rate = session.capture.sampleRate
    count(block, &session)
    let verdict = stream.received(block)
    switch verdict {
    case .drop: return
    case .begin(let origin, let gap):
      session.origin = origin
      session.position = 0
      arrivals.restart()
      tracker.begin(inputRate: rate, origin: origin, gap: gap)
      reportState()
      if gap > 0 {
        counters.lostSeconds += gap
        onEvent(.returned(gap: gap))
      }
    case .take(let missing):
      reportState()
      if missing > 0 { fill(missing, &session) }
    }
    session.position += block.count
    arrivals.append(end: session.position, time: block.arrival)
    measure(block.count, rate: rate)
    let samples = samples
    push(samples.span.extracting(first: block.count), &session)
  }

  /// Puts silence in the place of audio that is missing.
  private func fill(_ missing: Int, _ session: inout Session) {
    let seconds = Double(missing) / Double(session.capture.sampleRate)
    counters.lostSeconds += seconds
    tracker.noteGap(seconds)
    var rest = missing
    let zeros = zeros
    while rest > 0 {
      let part = min(rest, zeros.count)
      session.position += part
      push(zeros.span.extracting(first: part), &session)
      rest -= part
    }
  }

  private func push(_ samples: Span<Float>, _ session: inout Session) {
    let capture = session.capture
    let hopLength = tracker.hop.samples(atTick: 1, rate: capture.sampleRate)
    let isBehind = capture.isLive && capture.ring.available >= hopLength
    let current = session
    tracker.push(samples, isBehind: isBehind) { estimate in
      publish(
        estimate, unixTime: stream.unixTime(ofAudioTime: estimate.audioTime), timing: timing(of: estimate, current))
    }
    counters.skippedTicks = tracker.skippedTickCount
  }

  private func opened(_ capture: Capture) {
    samples = Array(repeating: 0, count: capture.blockLength)
    arrivals.restart()
    stream.opened(rate: capture.sampleRate, pace: capture.pace, at: clock.now)
    reportState()
  }

  // MARK: - Without a device

  private func lose(_ session: Session, _ error: Failure) {
    onEvent(.lost(error))
    stream.lost()
    reportState()
    reportedFailure = nil
    input = .connecting(connect(session.capture))
  }

  private func serve(_ connector: InputConnector) -> Turn {
    if let capture = connector.takeCapture() {
      if stream.hasBegun { counters.reconnects += 1 }
      input = .capturing(Session(capture: capture))
      opened(capture)
      onEvent(.opened(InputDescription(capture)))
      return .again
    }
    if let failure = connector.takeFailure(), failure.description != reportedFailure {
      reportedFailure = failure.description
      onEvent(.notOpened(failure))
    }
    let now = clock.now
    idle(now)
    return .wait(atMost: timeToNextTick(now))
  }

  /// Publishes the tick that is due while no audio comes.
  private func idle(_ now: Double) {
    guard tracker.state.isWithoutInput else { return }
    stream.looked(now: now, wall: clock.wall)
    let estimate = tracker.idle(at: stream.idle(at: now))
    counters.conditions = tracker.conditions
    guard let estimate else { return }
    publish(estimate, unixTime: stream.unixTime(ofAudioTime: estimate.audioTime), timing: nil)
  }

  private func timeToNextTick(_ now: Double) -> Double {
    max(0.001, tracker.hop.time(ofTick: tracker.lastTick + 1) - stream.audioTime(at: now))
  }

  private func stop() {
    switch input {
    case .capturing(let session): session.capture.stop()
    case .connecting(let connector): connector.stop()
    }
    note(.stop)
    reportCounters()
    onEvent(.ended(Capture.Ending(error: nil, warnings: [])))
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
    case .follow(let following): tracker.following = following
    case .filter(let filter): tracker.filter = filter
    case .measure(let seconds):
      measurement = RunningMeasurement(seconds: seconds, now: clock.now)
      checkMeasurement()
    case .endMeasurement: measurement = nil
    case .stop: isStopping = true
    }
  }

  /// The window is to be filled anew: a new stream begins at the present audio time.
  private func reset() {
    tracker.reset()
    guard case .capturing(var session) = input, session.position > 0 else { return }
    let rate = session.capture.sampleRate
    stream.restarted()
    session.origin += Double(session.position) / Double(rate)
    session.position = 0
    arrivals.restart()
    input = .capturing(session)
    tracker.begin(inputRate: rate, origin: session.origin)
  }

  private func measure(_ count: Int, rate: Int) {
    let samples = samples
    guard let progress = measurement?.add(samples.span.extracting(first: count), rate: rate) else { return }
    guard case .done(let result) = progress else { return }
    measurement = nil
    onEvent(.measured(result))
  }

  /// A measurement ends when there is nothing to measure.
  private func checkMeasurement() {
    guard let measurement else { return }
    let state = tracker.state
    let reason: String
    if state == .starting || state == .stopping || state.isWithoutInput {
      reason = "there is no audio to measure: affectd is \(state.rawValue) (\(state.meaning))"
    } else if measurement.isOverdue(at: clock.now) {
      reason = "the input gave too little audio in the time"
    } else {
      return
    }
    self.measurement = nil
    onEvent(.measurementFailed(reason))
  }

  // MARK: - What is told

  private func note(_ event: TrackerStateMachine.Event) {
    tracker.note(event)
    reportState()
  }

  private func reportState() {
    tracker.note(.input(stream.input))
    guard tracker.state != reportedState else { return }
    reportedState = tracker.state
    onEvent(.state(reportedState, unixTime: clock.wall))
  }

  private func publish(_ estimate: AffectEstimate, unixTime: Double, timing: TimedEstimate.Timing?) {
    reportState()
    onEvent(.estimate(TimedEstimate(estimate, unixTime: unixTime, timing: timing)))
  }

  private func timing(of estimate: AffectEstimate, _ session: Session) -> TimedEstimate.Timing? {
    let boundary = tracker.hop.samples(
      atTick: estimate.tick, rate: session.capture.sampleRate, origin: session.origin)
    guard let hopArrival = arrivals.time(ofArrivalAt: boundary),
      let windowArrival = arrivals.time(ofArrivalAt: session.position), let inference = tracker.inferenceTimes
    else { return nil }
    return TimedEstimate.Timing(
      hopArrival: hopArrival, windowArrival: windowArrival, inferenceStart: inference.start,
      inferenceEnd: inference.end)
  }

  private func count(_ block: AudioBlock, _ session: inout Session) {
    counters.overruns += block.overruns - session.overruns
    counters.invalidSamples += block.invalidSamples - session.invalidSamples
    session.overruns = block.overruns
    session.invalidSamples = block.invalidSamples
    tracker.signalConditions = block.conditions
    counters.conditions = tracker.conditions
    counters.refusals.formUnion(session.capture.refusals)
  }

  private func reportAdaptation() {
    guard tracker.adapted != reportedAdaptation else { return }
    reportedAdaptation = tracker.adapted
    onEvent(.adapted(reportedAdaptation))
  }

  private func reportCounters() {
    guard counters != reportedCounters else { return }
    reportedCounters = counters
    onEvent(.counters(counters))
  }
}
