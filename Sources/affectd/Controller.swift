import Affect
import AudioInput
import CommandLineSupport
import Logging
import NIOCore
import Platform
import Publishing
import SignalProcessing
import Tracking

/// Carries out what affectd is told while it runs: by the socket, by OSC, and by a changed configuration file.
final class Controller: Sendable {
  private let state: Locked<State>
  private let store: CalibrationStore
  private let logger: Logger
  private let resets: ProblemLog

  private struct State {
    /// As it was read last.
    var configured: Configuration
    /// What is in effect.
    var configuration: Configuration
    /// What is in effect.
    var venue: Calibration
    /// What was found over many pieces beside that.
    var adapted: Calibration?
    var isFrozen = false
    var publisher: Publisher?
    var tracking: TrackingThread?
    var calibration: EventLoopPromise<JSONLine>?
    /// What is played for it.
    var reference = Calibration.Reference.music
    /// What was set since the configuration began to be read anew.
    var recentAdjustments: [ControlCommand.Adjustment] = []
  }

  /// - Parameters:
  ///   - configured: the configuration as it was read.
  ///   - configuration: what has become of it.
  ///   - venue: level and colour that the input is brought to.
  init(
    _ configured: Configuration, inEffect configuration: Configuration, store: CalibrationStore, venue: Calibration,
    logger: Logger
  ) {
    state = Locked(State(configured: configured, configuration: configuration, venue: venue))
    self.store = store
    self.logger = logger
    resets = ProblemLog(logger)
  }

  /// From here on commands are carried out.
  func begin(_ publisher: Publisher, _ tracking: TrackingThread) {
    state.withValue {
      $0.publisher = publisher
      $0.tracking = tracking
    }
  }

  /// Carries out `command`, on the event loop.
  func handle(_ command: ControlCommand, on loop: any EventLoop) -> EventLoopFuture<JSONLine> {
    let (publisher, tracking) = state.withValue { ($0.publisher, $0.tracking) }
    guard let publisher, let tracking else {
      return loop.makeFailedFuture(Failure(.unavailable, "affectd is still starting"))
    }
    switch command {
    case .getState: return loop.makeSucceededFuture(stateReport(publisher))
    case .getConfig: return loop.makeSucceededFuture(state.withValue { $0.configuration.json })
    case .getStats: return loop.makeSucceededFuture(publisher.metricsReport)
    case .pause:
      if !publisher.isPaused { logger.notice("paused: nothing is published until affectd is told to resume") }
      publisher.isPaused = true
    case .resume:
      if publisher.isPaused || isFrozen { logger.notice("resumed") }
      publisher.isPaused = false
      freeze(false, tracking)
    case .freeze:
      if !isFrozen { logger.notice("frozen: the values stand still until affectd is told to resume") }
      freeze(true, tracking)
    case .reset:
      freeze(false, tracking)
      tracking.send(.reset)
      resets.report("reset: the values begin anew", as: .notice)
    case .mark(let label):
      publisher.publishMark(label, unixTime: SystemClock().wall)
    case .set(let adjustment):
      do throws(Failure) {
        try set(adjustment, publisher, tracking)
      } catch {
        return loop.makeFailedFuture(error)
      }
    case .calibrate(let seconds, let isNoise):
      return calibrate(seconds, isNoise ? .pinkNoise : .music, tracking, loop)
    case .endCalibration:
      tracking.send(.endMeasurement)
      measurementFailed("the one who asked for it is gone")
    }
    return loop.makeSucceededFuture(JSONLine())
  }

  /// What was found over many pieces has changed.
  func adapted(_ calibration: Calibration?) { state.withValue { $0.adapted = calibration } }

  /// The configuration begins to be read anew. What is set from here on is newer than what is read.
  func willReload() { state.withValue { $0.recentAdjustments = [] } }

  /// Goes over to another configuration, as far as that is possible while affectd runs. On the event loop, so that no
  /// command comes in between.
  ///
  /// - Throws: ``Failure``; nothing has changed then.
  func use(_ configuration: Configuration) throws {
    let (before, inEffect, publisher, tracking, adjustments) = state.withValue {
      ($0.configured, $0.configuration, $0.publisher, $0.tracking, $0.recentAdjustments)
    }
    guard let publisher, let tracking else { return }
    try publisher.use(configuration.publisher)
    let venue = store.effective(configuration, input: inEffect.inputText, logger)
    tracking.send(.smoothing(configuration.pipeline.smoothing))
    tracking.send(.silence(configuration.pipeline.silence))
    tracking.send(.deadBand(configuration.pipeline.deadBand))
    tracking.send(.follow(configuration.pipeline.following))
    tracking.send(.gain(venue.gain))
    tracking.send(.filter(venue.filter))
    for key in configuration.settingsThatNeedARestart(comparedTo: before) {
      logger.warning("\(key) has changed: that takes effect at the next start")
    }
    state.withValue {
      $0.configured = configuration
      $0.configuration = configuration.keepingWhatNeedsARestart(of: inEffect)
      $0.venue = venue
    }
    // They were right once, and are so again.
    for adjustment in adjustments { try? set(adjustment, publisher, tracking) }
  }

  /// The input is measured; nil if nothing was loud enough.
  func measured(_ result: VenueMeasurement.Result?) {
    let (promise, reference, input, tracking) = state.withValue { state in
      defer { state.calibration = nil }
      return (state.calibration, state.reference, state.configuration.inputText, state.tracking)
    }
    guard let result else {
      promise?.fail(Failure(.unavailable, "nothing was loud enough to be measured: play music as it will be played"))
      return
    }
    let calibration = Calibration(result, reference: reference)
    do throws(Failure) {
      try store.save(calibration, input: input)
    } catch {
      promise?.fail(error)
      return
    }
    tracking?.send(.gain(calibration.gain))
    tracking?.send(.filter(calibration.filter))
    state.withValue { state in
      state.venue = calibration
      // It takes the place of a gain that was set; the configuration file is read again at the next start.
      state.configuration.gain = nil
    }
    let colour =
      calibration.filter == nil ? "the colour stays: too little was heard for it" : "with a filter for the colour"
    let loudness = calibration.loudness.map { "\(Self.tenths($0)) LUFS, " } ?? ""
    logger.notice("calibrated: the input has \(loudness)gain \(Self.tenths(calibration.gain)) dB, \(colour)")
    promise?.succeed(CalibrationFile.line(calibration))
  }

  /// The input cannot be measured, because it was lost or affectd ends.
  func measurementFailed(_ reason: String) {
    let promise = state.withValue { state in
      defer { state.calibration = nil }
      return state.calibration
    }
    promise?.fail(Failure(.unavailable, reason))
  }

  // MARK: - Commands

  private func stateReport(_ publisher: Publisher) -> JSONLine {
    var line = publisher.stateReport
    let (venue, isFrozen, input) = state.withValue { ($0.venue, $0.isFrozen, $0.configuration.inputText) }
    line.add("frozen", isFrozen)
    line.add("gain", Self.tenths(venue.gain))
    if let filter = venue.filter {
      line.add("filter", filter.decibels.map(Self.tenths))
    } else {
      line.addNull("filter")
    }
    let adapted = state.withValue { $0.adapted }
    var found = JSONLine()
    found.add("gain", Self.tenths(adapted?.gain ?? 0))
    if let filter = adapted?.filter {
      found.add("filter", filter.decibels.map(Self.tenths))
    } else {
      found.addNull("filter")
    }
    line.add("adapted", found)
    line.add("input", input)
    return line
  }

  private var isFrozen: Bool { state.withValue { $0.isFrozen } }

  private func freeze(_ isFrozen: Bool, _ tracking: TrackingThread) {
    state.withValue { $0.isFrozen = isFrozen }
    tracking.send(.freeze(isFrozen))
  }

  private func set(
    _ adjustment: ControlCommand.Adjustment, _ publisher: Publisher, _ tracking: TrackingThread
  ) throws(Failure) {
    // All are looked at before one takes effect.
    var smoothing: Smoothing?
    if let text = adjustment.smoothing {
      smoothing = Smoothing(text)
      guard smoothing != nil else {
        throw Failure(
          .usage, "smoothing: expected adaptive, one-euro, none or exponential:SECONDS, found '\(text.prefix(64))'")
      }
    }
    if let gain = adjustment.gain, !Configuration.gains.contains(gain) {
      throw Failure(.usage, "gain: expected -40 to 40 dB, found \(gain)")
    }
    if let offset = adjustment.offset, !Configuration.offsets.contains(offset) {
      throw Failure(.usage, "offset: expected -10000 to 10000 ms, found \(offset)")
    }
    if let smoothing { tracking.send(.smoothing(smoothing)) }
    if let gain = adjustment.gain { tracking.send(.gain(gain)) }
    if let offset = adjustment.offset { publisher.offset = offset }
    state.withValue { state in
      state.recentAdjustments.append(adjustment)
      if let smoothing { state.configuration.pipeline.smoothing = smoothing }
      if let gain = adjustment.gain {
        state.configuration.gain = gain
        state.venue = Calibration(gain: gain, filter: state.venue.filter, loudness: state.venue.loudness)
      }
      if let offset = adjustment.offset { state.configuration.offset = offset }
    }
  }

  private func calibrate(
    _ seconds: Double, _ reference: Calibration.Reference, _ tracking: TrackingThread, _ loop: any EventLoop
  ) -> EventLoopFuture<JSONLine> {
    let promise = loop.makePromise(of: JSONLine.self)
    let isFree = state.withValue { state in
      guard state.calibration == nil else { return false }
      state.calibration = promise
      state.reference = reference
      return true
    }
    if isFree {
      tracking.send(.measure(seconds: seconds))
    } else {
      promise.fail(Failure(.unavailable, "a calibration is running already"))
    }
    return promise.futureResult
  }

  private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
