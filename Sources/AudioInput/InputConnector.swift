internal import Dispatch
public import Platform

/// Opens an input again and again until it is there and captured from.
///
/// It asks for the same name every time and takes no other device. ``start(after:schedule:open:)`` gives it a thread of
/// its own; a test calls ``step()`` itself.
public final class InputConnector: Sendable {
  fileprivate struct Progress {
    /// The capture that lost the input, until it has ended.
    var previous: Capture?
    var phase = Phase.beginning
    var schedule: RetrySchedule
    var capture: Capture?
    var failure: Failure?
  }

  fileprivate enum Phase {
    case beginning
    /// The lost device is being closed; at the deadline it is no longer waited for.
    case closing(deadline: Double)
    /// The next attempt is due.
    case trying(at: Double)
    /// The input is open, or nobody wants it any more.
    case done
    case stopped
  }

  private let progress: Locked<Progress>
  private let open: Opening
  private let clock: any Clock
  private let stopped = DispatchSemaphore(value: 0)
  private let progressed = DispatchSemaphore(value: 0)

  /// How an input is opened and its capture is started.
  public typealias Opening = @Sendable () throws(Failure) -> Capture

  /// Longest wait for the lost device to be closed, seconds: a card can be opened once only.
  fileprivate static let closingTime = 1.0
  fileprivate static let closingStep = 0.01

  /// - Parameter previous: the capture that lost the input; it is stopped first.
  package init(
    after previous: Capture?, schedule: RetrySchedule, clock: any Clock = SystemClock(), open: @escaping Opening
  ) {
    progress = Locked(Progress(previous: previous, schedule: schedule))
    self.open = open
    self.clock = clock
  }

  /// Starts trying, on a thread of its own.
  public static func start(
    after previous: Capture?, schedule: RetrySchedule, open: @escaping Opening
  ) -> InputConnector {
    let connector = InputConnector(after: previous, schedule: schedule, open: open)
    startThread(name: "connect") {
      while let time = connector.step() { connector.pause(time - connector.clock.now) }
    }
    return connector
  }

  /// The capture, once the input is open; it is handed out once.
  public func takeCapture() -> Capture? {
    progress.withValue { progress in
      defer { progress.capture = nil }
      return progress.capture
    }
  }

  /// Why the last attempt failed; each failure is handed out once.
  public func takeFailure() -> Failure? {
    progress.withValue { progress in
      defer { progress.failure = nil }
      return progress.failure
    }
  }

  /// Waits until an attempt is over, or for so many seconds, at most 0.1.
  package func wait(atMost seconds: Double) {
    _ = progressed.wait(timeout: .now() + min(max(seconds, 0), 0.1))
  }

  /// Ends the attempts. A capture that nobody has taken is stopped.
  public func stop() {
    let capture = progress.withValue { progress in
      progress.phase = .stopped
      defer { progress.capture = nil }
      return progress.capture
    }
    capture?.stop()
    stopped.signal()
  }

  /// Does what is due: waits for the lost device to be closed, then tries to open it when its time has come.
  ///
  /// - Returns: the time of the next step; nil if there is nothing more to do.
  package func step() -> Double? {
    guard let time = progress.withValue({ $0.advance(at: clock.now) }) else { return nil }
    guard time <= clock.now else { return time }
    // Outside the lock: it can take seconds.
    let result = Result { () throws(Failure) in try open() }
    let (next, surplus) = progress.withValue { $0.take(result, at: clock.now) }
    surplus?.stop()
    progressed.signal()
    return next
  }

  private func pause(_ seconds: Double) {
    guard seconds > 0 else { return }
    _ = stopped.wait(timeout: .now() + seconds)
  }
}

extension InputConnector.Progress {
  /// Goes on to the next phase if it is time. Returns when the next attempt or look is due; nil if there is none.
  fileprivate mutating func advance(at now: Double) -> Double? {
    switch phase {
    case .beginning:
      previous?.stop()
      phase = .closing(deadline: now + InputConnector.closingTime)
      return advance(at: now)
    case .closing(let deadline):
      guard previous == nil || previous?.end != nil || now >= deadline else { return now + InputConnector.closingStep }
      previous = nil
      phase = .trying(at: now + schedule.nextDelay())
      return advance(at: now)
    case .trying(let time): return time
    case .done, .stopped: return nil
    }
  }

  /// Takes the result of an attempt. Returns when the next one is due, and a capture that came too late.
  fileprivate mutating func take(
    _ result: Result<Capture, Failure>, at now: Double
  ) -> (next: Double?, surplus: Capture?) {
    switch result {
    case .failure(let error):
      failure = error
      if case .stopped = phase { return (nil, nil) }
      let next = now + schedule.nextDelay()
      phase = .trying(at: next)
      return (next, nil)
    case .success(let new):
      if case .stopped = phase { return (nil, new) }
      capture = new
      phase = .done
      return (nil, nil)
    }
  }
}

/// How long to wait before a device is tried again: a quarter of a second at first, twice as long each time, up to a
/// limit that still brings a device back within two seconds of its return.
public struct RetrySchedule: Sendable, Equatable {
  /// Seconds.
  public let shortest: Double
  public let longest: Double
  private var next: Double

  public init(shortest: Double = 0.25, longest: Double = 1.5) {
    self.shortest = shortest
    self.longest = longest
    next = shortest
  }

  /// Seconds to wait before the next attempt.
  public mutating func nextDelay() -> Double {
    defer { next = min(longest, 2 * next) }
    return next
  }
}
