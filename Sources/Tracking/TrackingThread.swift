internal import Affect
public import AudioInput
public import Platform

/// The thread that works: takes audio out of the ring buffer and drives the tracker.
///
/// On a live input that is ahead by a hop or more it skips the ticks in between, so that what it says is about now.
/// Any other input waits for it. A device that is lost is opened again and again; meanwhile the ticks go on with held
/// values.
public final class TrackingThread: Sendable {
  private let commands = Locked<[TrackingCommand]>([])

  /// How the input comes to be.
  public struct Input: Sendable {
    /// The capture that runs already; nil if the device is waited for.
    let capture: Capture?
    let reopen: InputConnector.Opening
    let schedule: RetrySchedule

    public init(
      capture: Capture?, schedule: RetrySchedule = RetrySchedule(), reopen: @escaping InputConnector.Opening
    ) {
      self.capture = capture
      self.schedule = schedule
      self.reopen = reopen
    }
  }

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - priority: how the thread is scheduled.
  ///   - onTurn: called on the thread at least every 100 ms while it is not stuck in a network.
  ///   - onEvent: called on the thread; it must not wait.
  public static func start(
    _ tracker: sending AffectTracker, input: Input, priority: ThreadPriority = .normal,
    onTurn: @escaping @Sendable () -> Void = {},
    onEvent: @escaping @Sendable (TrackingEvent) -> Void
  ) -> TrackingThread {
    let thread = TrackingThread()
    startThread(name: "inference") {
      let isRefused = priority == .realtime && !requestRealTime(.inference)
      let loop = TrackingLoop(
        tracker, capture: input.capture,
        connect: { InputConnector.start(after: $0, schedule: input.schedule, open: input.reopen) },
        refusals: isRefused ? .inferenceInRealTime : [], onEvent: onEvent)
      loop.begin()
      while true {
        onTurn()
        switch loop.turn(thread.takeCommands()) {
        case .again: continue
        case .wait(let seconds): loop.wait(atMost: seconds)
        case .ended: return
        }
      }
    }
    return thread
  }

  private init() {}

  /// Tells the thread something; it listens within 100 ms or one run of the network.
  public func send(_ command: TrackingCommand) {
    commands.withValue { $0.append(command) }
  }

  private func takeCommands() -> [TrackingCommand] {
    commands.withValue { commands in
      defer { if !commands.isEmpty { commands = [] } }
      return commands
    }
  }
}
