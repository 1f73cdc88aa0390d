import AudioInput
import CommandLineSupport
import Logging
import ServiceLifecycle
import Tracking

/// Runs the capture and the inference thread until the input ends or the daemon is to stop.
struct TrackingService: Service {
  let capture: CaptureThread
  /// What the threads have to say, up to the end.
  let events: AsyncStream<TrackingThread.Event>
  /// Where the estimates are shown. It may be slow, as a terminal is: the publishers do not wait for it.
  let display: TerminalDisplay?
  let logger: Logger

  /// - Throws: ``ProgramFailure`` if the input broke.
  func run() async throws {
    try await withGracefulShutdownHandler {
      var reported = Reported()
      for await event in events {
        switch event {
        case .estimate(let estimate, _):
          display?.show(estimate)
          reported.logNews(of: capture, logger)
        case .skipped(let total):
          reported.skipped(total, logger)
        case .ended(let ending):
          reported.logNews(of: capture, logger)
          for warning in ending.warnings { logger.warning("\(warning)") }
          if let error = ending.error { throw ProgramFailure(error) }
          return
        }
      }
    } onGracefulShutdown: {
      capture.stop()
    }
  }
}

/// What the log has been told of, so that nothing is said twice.
private struct Reported {
  private var invalidSamples = false
  private var priority = false
  private var overruns = 0
  private var nextSkipReport = 1

  mutating func logNews(of capture: CaptureThread, _ logger: Logger) {
    if !priority, capture.schedulingPriority == .ordinary {
      priority = true
      logger.notice("no real-time scheduling for the capture thread, going on without it")
    }
    if !invalidSamples, capture.invalidSampleCount > 0 {
      invalidSamples = true
      logger.warning("the input holds samples that are no usable numbers; they count as silence")
    }
    if capture.overrunCount > overruns {
      overruns = capture.overrunCount
      logger.warning("the device had an overrun, \(overruns) so far: audio was lost")
    }
  }

  /// Reports the first skipped tick, then at ten times as many, and so on.
  mutating func skipped(_ total: Int, _ logger: Logger) {
    guard total >= nextSkipReport else { return }
    while nextSkipReport <= total { nextSkipReport *= 10 }
    logger.warning("the network does not keep up with the input: \(total) ticks skipped so far; a longer --hop helps")
  }
}
