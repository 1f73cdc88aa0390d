import Affect
import AudioInput
import CommandLineSupport
import Logging
import Platform
import Tracking

/// Follows what happens on the inference thread until the input ends or the daemon is to stop: the log, systemd, and
/// the answers that somebody waits for.
struct TrackingService {
  /// What the thread has to say but the estimates, up to the end.
  let events: AsyncStream<TrackingEvent>
  let controller: Controller
  let manager: ServiceManager
  /// As the user named it.
  let input: String
  let logger: Logger

  /// Returns when the input has ended, or when nothing more is heard of it.
  ///
  /// - Throws: ``Failure`` if the input broke.
  func run() async throws {
    defer { controller.measurementFailed("affectd is ending") }
    var counters = CounterLog(logger)
    for await event in events {
      switch event {
      case .estimate: break
      case .ready: manager.ready(status: "Listening to \(input)")
      case .state(let state, _): manager.status("\(state.rawValue): \(state.meaning) (\(input))")
      case .opened(let description): Self.log(description, of: input, logger)
      case .lost(let error): logger.warning("\(error.description); trying to open \(input) again")
      case .notOpened(let error): logger.warning("still waiting: \(error.description)")
      case .returned(let gap): logger.notice("\(input) gives audio again after \(Int(gap.rounded())) s")
      case .adapted(let calibration): controller.adapted(calibration)
      case .counters(let values): counters.report(values)
      case .measured(let result): controller.measured(result)
      case .measurementFailed(let reason): controller.measurementFailed(reason)
      case .ended(let ending):
        for warning in ending.warnings { logger.warning("\(warning)") }
        if let error = ending.error { throw error }
        return
      }
    }
  }

  /// Says what is listened to.
  static func log(_ description: InputDescription, of input: String, _ logger: Logger) {
    let channels = description.channelCount == 1 ? "1 channel" : "\(description.channelCount) channels"
    logger.info("listening to \(input), \(description.sampleRate) Hz, \(channels)")
    for warning in description.warnings { logger.warning("\(warning)") }
  }
}

/// What the log has been told of the counters, so that nothing is said twice.
private struct CounterLog {
  private let logger: Logger
  private var reported = InputCounters()
  private var nextSkipReport = 1
  /// How often each condition has come, by its name.
  private var appearances: [String: Int] = [:]

  init(_ logger: Logger) {
    self.logger = logger
  }

  mutating func report(_ counters: InputCounters) {
    report(counters.refusals.subtracting(reported.refusals))
    if counters.invalidSamples > 0 && reported.invalidSamples == 0 {
      logger.warning("the input holds samples that are no usable numbers; they count as silence")
    }
    report(counters.conditions)
    if counters.overruns > reported.overruns {
      logger.warning("the device had an overrun, \(counters.overruns) so far: audio was lost")
    }
    if counters.skippedTicks >= nextSkipReport {
      // The first, then at ten times as many, and so on.
      while nextSkipReport <= counters.skippedTicks { nextSkipReport *= 10 }
      logger.warning(
        """
        the network does not keep up with the input: \(counters.skippedTicks) ticks skipped so far; a longer --hop helps
        """)
    }
    reported = counters
  }

  private func report(_ refusals: SystemRefusals) {
    if refusals.contains(.captureInRealTime) {
      logger.notice("no real-time scheduling for the capture thread, going on without it")
    }
    if refusals.contains(.inferenceInRealTime) {
      logger.warning(
        """
        no real-time scheduling for the inference thread, which tracking.priority asks for: raise ulimit -r, or \
        LimitRTPRIO= in the unit
        """)
    }
    if refusals.contains(.lockedMemory) {
      logger.notice(
        """
        the audio buffers cannot be kept in memory, going on without it: raise ulimit -l, or LimitMEMLOCK= in the unit
        """)
    }
  }

  /// Says what is new the first time, and then at ten times as many, and so on: what comes and goes for months must not
  /// fill the log.
  private mutating func report(_ conditions: InputConditions) {
    for entry in InputConditions.all where conditions.subtracting(reported.conditions).contains(entry.condition) {
      let count = (appearances[entry.name] ?? 0) + 1
      appearances[entry.name] = count
      guard count.isPowerOfTen else { continue }
      let isNoFault = entry.condition == .speech
      let times = count == 1 ? "" : " (\(count) times so far)"
      logger.log(level: isNoFault ? .notice : .warning, "\(entry.advice)\(times)")
    }
  }
}

extension Int {
  fileprivate var isPowerOfTen: Bool {
    var power = 1
    while power < self { power *= 10 }
    return power == self
  }
}
