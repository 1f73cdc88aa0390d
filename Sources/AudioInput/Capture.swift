public import Affect
internal import Dispatch
public import Platform
internal import Synchronization

/// An input that is being captured: what the capture thread and the others share.
public final class Capture: Sendable {
  public let ring: AudioRingBuffer
  public let sampleRate: Int
  /// Who sets the pace.
  public let pace: AudioPace
  public let channelCount: Int
  /// Most samples of a block.
  public let blockLength: Int
  /// What is odd about the input and was known when it was opened.
  public let warnings: [String]

  private let isStopping = Atomic<Bool>(false)
  /// A ``SystemRefusals``.
  private let refused = Atomic<UInt8>(0)
  private let hasEnded = Atomic<Bool>(false)
  /// Set once, before `hasEnded`.
  private let ending = Locked<Ending?>(nil)
  private let dataWritten = DispatchSemaphore(value: 0)
  private let dataRead = DispatchSemaphore(value: 0)

  /// How the input ended.
  public struct Ending: Sendable {
    /// Why it failed, nil if it came to its end or was stopped.
    public let error: Failure?
    public let warnings: [String]

    public init(error: Failure?, warnings: [String]) {
      self.error = error
      self.warnings = warnings
    }
  }

  /// Seconds that the ring buffer holds: more than the slowest network takes for one window.
  private static let ringSeconds = 8
  /// Longest wait, so that a thread sees in time that it is to stop.
  private static let waitLimit = 0.1

  /// For a reader that is to be captured from by a ``CaptureLoop``.
  package init(_ reader: borrowing MonoReader) {
    sampleRate = reader.sampleRate
    pace = reader.source.pace
    channelCount = reader.source.format.channelCount
    blockLength = reader.blockLength
    warnings = reader.source.warnings
    ring = AudioRingBuffer(minimumCapacity: sampleRate * Self.ringSeconds)
  }

  /// Starts the thread that reads.
  public static func start(_ reader: sending MonoReader) -> Capture {
    let capture = Capture(reader)
    startThread(name: "capture") {
      if capture.isLive {
        var refused: SystemRefusals = []
        if !requestRealTime(.capture) { refused.insert(.captureInRealTime) }
        if !(lockStackInMemory() && capture.ring.lockInMemory() && reader.lockInMemory()) {
          refused.insert(.lockedMemory)
        }
        capture.refused.store(refused.rawValue, ordering: .relaxed)
      }
      let loop = CaptureLoop(reader, capture)
      while loop.step() {}
    }
    return capture
  }

  // MARK: - For the other threads

  /// Whether a device sets the pace, so that audio can be late.
  public var isLive: Bool { pace == .device }

  /// What the thread asked for in vain.
  public var refusals: SystemRefusals { SystemRefusals(rawValue: refused.load(ordering: .relaxed)) }

  /// How the input ended, nil while it has not. What is in the ring buffer then is the last of it.
  public var end: Ending? {
    hasEnded.load(ordering: .acquiring) ? ending.withValue { $0 } : nil
  }

  /// Asks the thread to end. It does so within 100 ms.
  public func stop() {
    isStopping.store(true, ordering: .relaxed)
  }

  /// Waits until something was written, or for so many seconds, at most 0.1.
  package func waitForAudio(atMost seconds: Double) {
    _ = dataWritten.wait(timeout: .now() + min(max(seconds, 0), Self.waitLimit))
  }

  /// Tells the thread that something was read, so that there is room again.
  package func didRead() {
    dataRead.signal()
  }

  // MARK: - For the loop

  var isAskedToStop: Bool { isStopping.load(ordering: .relaxed) }

  /// Stores `block`. A device waits for nobody: what finds no room is lost. Anything else waits for room.
  func store(_ block: AudioBlock, _ samples: Span<Float>) {
    while !isLive && !ring.hasRoom(for: block.count) && !isAskedToStop {
      _ = dataRead.wait(timeout: .now() + Self.waitLimit)
    }
    ring.write(block, samples)
    dataWritten.signal()
  }

  func finish(_ error: Failure?, warnings: [String]) {
    ending.withValue { $0 = Ending(error: error, warnings: warnings) }
    hasEnded.store(true, ordering: .releasing)
    dataWritten.signal()
  }
}
