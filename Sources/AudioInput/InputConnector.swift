internal import Dispatch
internal import NIOConcurrencyHelpers

/// Opens an input again and again, on a thread of its own, until it is there and captured from.
///
/// It asks for the same name every time and takes no other device.
public final class InputConnector: Sendable {
  private struct Progress {
    var capture: CaptureThread?
    var failure: AudioInputError?
    var isStopped = false
  }

  private let progress = NIOLockedValueBox(Progress())
  private let stopped = DispatchSemaphore(value: 0)
  private let progressed = DispatchSemaphore(value: 0)

  /// How an input is opened.
  public typealias Opening = @Sendable () throws(AudioInputError) -> sending MonoReader

  /// Longest wait for the lost device to be closed, seconds: a card can be opened once only.
  private static let closingTime = 1.0

  /// Starts trying.
  ///
  /// - Parameter previous: the capture that lost the input; it is stopped first.
  public static func start(
    after previous: CaptureThread?, schedule: RetrySchedule, open: @escaping Opening
  ) -> InputConnector {
    let connector = InputConnector()
    startThread(name: "connect") { connector.run(previous, schedule, open) }
    return connector
  }

  private init() {}

  /// The capture, once the input is open; it is handed out once.
  public func takeCapture() -> CaptureThread? {
    progress.withLockedValue { progress in
      defer { progress.capture = nil }
      return progress.capture
    }
  }

  /// Why the last attempt failed; each failure is handed out once.
  public func takeFailure() -> AudioInputError? {
    progress.withLockedValue { progress in
      defer { progress.failure = nil }
      return progress.failure
    }
  }

  /// Waits until an attempt is over, or for so many seconds, at most 0.1.
  public func wait(atMost seconds: Double) {
    _ = progressed.wait(timeout: .now() + min(max(seconds, 0), 0.1))
  }

  /// Ends the attempts. A capture that nobody has taken is stopped.
  public func stop() {
    let capture = progress.withLockedValue { progress in
      progress.isStopped = true
      defer { progress.capture = nil }
      return progress.capture
    }
    capture?.stop()
    stopped.signal()
  }

  private func run(_ previous: CaptureThread?, _ schedule: RetrySchedule, _ open: Opening) {
    var schedule = schedule
    if let previous {
      previous.stop()
      let deadline = MonotonicClock.now + Self.closingTime
      while previous.end == nil, MonotonicClock.now < deadline, !isStopped { pause(0.01) }
    }
    while !isStopped {
      pause(schedule.nextDelay())
      if isStopped { return }
      do throws(AudioInputError) {
        let capture = CaptureThread.start(try open())
        let isTooLate = progress.withLockedValue { progress in
          if !progress.isStopped { progress.capture = capture }
          return progress.isStopped
        }
        if isTooLate { capture.stop() }
        progressed.signal()
        return
      } catch {
        progress.withLockedValue { $0.failure = error }
        progressed.signal()
      }
    }
  }

  private var isStopped: Bool { progress.withLockedValue { $0.isStopped } }

  private func pause(_ seconds: Double) {
    _ = stopped.wait(timeout: .now() + seconds)
  }
}
