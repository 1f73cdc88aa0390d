public import Affect
public import AudioInput

/// The thread that works: takes audio out of the ring buffer and drives the tracker.
///
/// On a live input that is ahead by a hop or more it skips the ticks in between, so that what it says is about now.
/// Any other input waits for it.
public enum TrackingThread {
  /// What happened on the thread.
  public enum Event: Sendable {
    /// A new estimate, and the wall-clock time of its audio (seconds since 1970).
    case estimate(AffectEstimate, unixTime: Double)
    /// So many ticks were skipped since the start.
    case skipped(total: Int)
    /// The input is exhausted, stopped or broken, and everything before that was handed over. Nothing follows.
    case ended(CaptureThread.Ending)
  }

  /// Starts the thread.
  ///
  /// - Parameter onEvent: called on the thread; it must not wait.
  public static func start(
    _ tracker: sending AffectTracker, capture: CaptureThread, onEvent: @escaping @Sendable (Event) -> Void
  ) {
    startThread(name: "inference") { run(tracker, capture, onEvent) }
  }

  private static func run(_ tracker: AffectTracker, _ capture: CaptureThread, _ onEvent: @Sendable (Event) -> Void) {
    let hopLength = tracker.hop.samples(atTick: 1, rate: capture.sampleRate)
    var samples = [Float](repeating: 0, count: 1024)
    let publish = { (estimate: AffectEstimate) in
      guard let unixTime = capture.unixTime(ofAudioTime: estimate.audioTime) else { return }
      onEvent(.estimate(estimate, unixTime: unixTime))
    }
    while true {
      // Asked before reading: what was written before the end is read all the same.
      let ending = capture.end
      let count = capture.ring.read(into: &samples)
      if count > 0 {
        capture.didRead()
        let skippedBefore = tracker.skippedTickCount
        let isBehind = capture.isLive && capture.ring.available >= hopLength
        tracker.push(samples.span.extracting(first: count), isBehind: isBehind, onEstimate: publish)
        if tracker.skippedTickCount > skippedBefore { onEvent(.skipped(total: tracker.skippedTickCount)) }
      } else if let ending {
        tracker.finish(onEstimate: publish)
        onEvent(.ended(ending))
        return
      } else {
        capture.waitForAudio()
      }
    }
  }
}
