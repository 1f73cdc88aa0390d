internal import Dispatch
internal import Glibc
public import Synchronization

/// The thread that reads an input and writes it into a ring buffer, and does nothing else: it does not allocate, lock,
/// log or wait for Swift concurrency.
public final class CaptureThread: Sendable {
  public let ring: AudioRingBuffer
  public let sampleRate: Int
  /// Whether a device sets the pace, so that audio can be late.
  public let isLive: Bool

  private let isStopping = Atomic<Bool>(false)
  private let overruns = Atomic<Int>(0)
  private let invalidSamples = Atomic<Int>(0)
  /// Offset of the wall clock from audio time, as the bits of a `Double`; NaN before the first audio.
  private let clockOffset = Atomic<UInt64>(Double.nan.bitPattern)
  private let priority = Atomic<Priority>(.notAsked)
  private let hasEnded = Atomic<Bool>(false)
  /// Set once, before `hasEnded`.
  private let ending = Mutex<Ending?>(nil)
  private let dataWritten = DispatchSemaphore(value: 0)
  private let dataRead = DispatchSemaphore(value: 0)

  /// Whether the thread runs with real-time scheduling.
  public enum Priority: UInt8, Sendable, AtomicRepresentable {
    /// It has not asked yet, or needs none.
    case notAsked
    case realTime
    /// The system refused it.
    case ordinary
  }

  /// How the input ended.
  public struct Ending: Sendable {
    /// Why it failed, nil if it came to its end or was stopped.
    public let error: AudioInputError?
    public let warnings: [String]
  }

  /// Seconds that the ring buffer holds: more than the slowest network takes for one window.
  private static let ringSeconds = 8
  /// Longest wait, so that the thread sees in time that it is to stop.
  private static let waitLimit = DispatchTimeInterval.milliseconds(100)

  /// Starts reading.
  public static func start(_ reader: sending MonoReader) -> CaptureThread {
    let thread = CaptureThread(sampleRate: reader.sampleRate, isLive: reader.source.pace == .device)
    startThread(name: "capture") { thread.run(reader) }
    return thread
  }

  private init(sampleRate: Int, isLive: Bool) {
    self.sampleRate = sampleRate
    self.isLive = isLive
    ring = AudioRingBuffer(minimumCapacity: sampleRate * Self.ringSeconds)
  }

  // MARK: - For the other threads

  /// How often the device had more audio than its buffer holds.
  public var overrunCount: Int { overruns.load(ordering: .relaxed) }

  /// Samples that counted as silence because they were no usable numbers.
  public var invalidSampleCount: Int { invalidSamples.load(ordering: .relaxed) }

  public var schedulingPriority: Priority { priority.load(ordering: .relaxed) }

  /// The wall-clock time of `audioTime`, both in seconds; nil before the first audio.
  public func unixTime(ofAudioTime audioTime: Double) -> Double? {
    let offset = Double(bitPattern: clockOffset.load(ordering: .relaxed))
    return offset.isNaN ? nil : audioTime + offset
  }

  /// How the input ended, nil while it has not. What is in the ring buffer then is the last of it.
  public var end: Ending? {
    hasEnded.load(ordering: .acquiring) ? ending.withLock { $0 } : nil
  }

  /// Asks the thread to end. It does so within 100 ms.
  public func stop() {
    isStopping.store(true, ordering: .relaxed)
  }

  /// Waits until something was written, or for 100 ms.
  public func waitForAudio() {
    _ = dataWritten.wait(timeout: .now() + Self.waitLimit)
  }

  /// Tells the thread that something was read, so that there is room again.
  public func didRead() {
    dataRead.signal()
  }

  // MARK: - On the thread

  private func run(_ reader: MonoReader) {
    if isLive { priority.store(requestRealTimePriority() ? .realTime : .ordinary, ordering: .relaxed) }
    var failure: AudioInputError?
    do throws(AudioInputError) {
      try capture(reader)
    } catch {
      failure = error
    }
    ending.withLock { $0 = Ending(error: failure, warnings: reader.source.warnings) }
    hasEnded.store(true, ordering: .releasing)
    dataWritten.signal()
  }

  private func capture(_ reader: MonoReader) throws(AudioInputError) {
    var anchor = ClockAnchor()
    var pacer = Pacer(pace: reader.source.pace, sampleRate: sampleRate)
    var position = 0
    while !isStopping.load(ordering: .relaxed) {
      let count: Int
      switch try reader.read() {
      case .frames(let frames): count = frames
      case .nothing:
        overruns.store(reader.source.overrunCount, ordering: .relaxed)
        continue
      case .end: return
      }
      position += count
      pacer.wait(forFrame: position)
      anchor.observe(audioTime: Double(position) / Double(sampleRate), unixTime: Self.wallClock())
      if let offset = anchor.offset { clockOffset.store(offset.bitPattern, ordering: .relaxed) }
      invalidSamples.store(reader.invalidSampleCount, ordering: .relaxed)
      while !isLive && ring.room < count && !isStopping.load(ordering: .relaxed) {
        _ = dataRead.wait(timeout: .now() + Self.waitLimit)
      }
      let block = reader.samples
      ring.write(block.span.extracting(first: count))
      dataWritten.signal()
    }
  }

  private static func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
