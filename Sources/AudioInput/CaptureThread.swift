internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers
public import Synchronization

/// The thread that reads an input and writes it into a ring buffer, and does nothing else: it does not allocate, lock,
/// log or wait for Swift concurrency.
///
/// The position in the stream is the audio time, also over audio that was lost: an overrun, or a device that stood
/// still for a while, leaves a hole of its length in the ring buffer. What a device then delivers late is dropped.
public final class CaptureThread: Sendable {
  public let ring: AudioRingBuffer
  public let sampleRate: Int
  /// Whether a device sets the pace, so that audio can be late.
  public let isLive: Bool
  public let channelCount: Int
  /// What is odd about the input and was known when it was opened.
  public let warnings: [String]

  private let isStopping = Atomic<Bool>(false)
  private let overruns = Atomic<Int>(0)
  /// When the last audio came, on the monotonic clock, as the bits of a `Double`; the start before that.
  private let lastArrival = Atomic<UInt64>(MonotonicClock.now.bitPattern)
  private let capturedFrames = Atomic<Int>(0)
  private let arrivals = ArrivalQueue()
  private let invalidSamples = Atomic<Int>(0)
  /// Offset of the wall clock from audio time, as the bits of a `Double`; NaN before the first audio.
  private let clockOffset = Atomic<UInt64>(Double.nan.bitPattern)
  private let priority = Atomic<Priority>(.notAsked)
  private let hasEnded = Atomic<Bool>(false)
  /// Set once, before `hasEnded`.
  private let ending = NIOLockedValueBox<Ending?>(nil)
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

    public init(error: AudioInputError?, warnings: [String]) {
      self.error = error
      self.warnings = warnings
    }
  }

  /// Seconds that the ring buffer holds: more than the slowest network takes for one window.
  private static let ringSeconds = 8
  /// Seconds without audio after which a live input counts as stalled.
  public static let stallTime = 1.0
  /// Seconds without audio after which a live input counts as lost.
  public static let lossTime = 3.0
  /// Longest wait, so that the thread sees in time that it is to stop.
  private static let waitLimit = DispatchTimeInterval.milliseconds(100)

  /// Starts reading.
  public static func start(_ reader: sending MonoReader) -> CaptureThread {
    let thread = CaptureThread(reader)
    startThread(name: "capture") { thread.run(reader) }
    return thread
  }

  private init(_ reader: borrowing MonoReader) {
    sampleRate = reader.sampleRate
    isLive = reader.source.pace == .device
    channelCount = reader.source.format.channelCount
    warnings = reader.source.warnings
    ring = AudioRingBuffer(minimumCapacity: sampleRate * Self.ringSeconds)
  }

  // MARK: - For the other threads

  /// How often the device had more audio than its buffer holds.
  public var overrunCount: Int { overruns.load(ordering: .relaxed) }

  /// Samples that counted as silence because they were no usable numbers.
  public var invalidSampleCount: Int { invalidSamples.load(ordering: .relaxed) }

  /// When the last audio came, seconds of the monotonic clock; before the first, when the thread was made.
  public var lastArrivalTime: Double { Double(bitPattern: lastArrival.load(ordering: .acquiring)) }

  /// Position after the last frame that came or was lost.
  public var position: Int { capturedFrames.load(ordering: .acquiring) }

  /// When the read returned that brought the stream up to `position`, seconds of the monotonic clock; nil if that is
  /// not known. To be asked on one thread, for positions that do not decrease.
  public func time(ofArrivalAt position: Int) -> Double? { arrivals.time(ofArrivalAt: position) }

  public var schedulingPriority: Priority { priority.load(ordering: .relaxed) }

  /// The wall-clock time of `audioTime`, both in seconds; nil before the first audio.
  public func unixTime(ofAudioTime audioTime: Double) -> Double? {
    let offset = Double(bitPattern: clockOffset.load(ordering: .relaxed))
    return offset.isNaN ? nil : audioTime + offset
  }

  /// How the input ended, nil while it has not. What is in the ring buffer then is the last of it.
  public var end: Ending? {
    hasEnded.load(ordering: .acquiring) ? ending.withLockedValue { $0 } : nil
  }

  /// Asks the thread to end. It does so within 100 ms.
  public func stop() {
    isStopping.store(true, ordering: .relaxed)
  }

  /// Waits until something was written, or for so many seconds, at most 0.1.
  public func waitForAudio(atMost seconds: Double = 0.1) {
    _ = dataWritten.wait(timeout: .now() + min(max(seconds, 0), 0.1))
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
    ending.withLockedValue { $0 = Ending(error: failure, warnings: reader.source.warnings) }
    hasEnded.store(true, ordering: .releasing)
    dataWritten.signal()
  }

  private func capture(_ reader: MonoReader) throws(AudioInputError) {
    var anchor = ClockAnchor()
    var pacer = Pacer(pace: reader.source.pace, sampleRate: sampleRate)
    var position = 0
    var arrival = MonotonicClock.now
    var hole = Hole()
    while !isStopping.load(ordering: .relaxed) {
      let result = try reader.read()
      let now = MonotonicClock.now
      overruns.store(reader.source.overrunCount, ordering: .relaxed)
      let count: Int
      switch result {
      case .end: return
      case .nothing:
        // The device has given all that it kept: what comes next is new.
        hole.isStale = false
        continue
      case .frames(let frames): count = frames
      }
      if isLive && position > 0 {
        hole.look(overrunCount: reader.source.overrunCount, pause: now - arrival)
        if hole.isStale { continue }
        if hole.isOpen {
          guard now - arrival < Self.lossTime else {
            throw AudioInputError(.deviceLost, "the device gave nothing for \(Int(now - arrival)) s")
          }
          let missing = Int((now - arrival) * Double(sampleRate)) - count
          if missing > 0 {
            ring.skip(missing)
            position += missing
          }
          hole.isOpen = false
        }
      }
      position += count
      pacer.wait(forFrame: position)
      arrival = isLive ? now : MonotonicClock.now
      arrivals.append(end: position, time: arrival)
      lastArrival.store(arrival.bitPattern, ordering: .releasing)
      anchor.observe(audioTime: Double(position) / Double(sampleRate), unixTime: WallClock.now)
      if let offset = anchor.offset { clockOffset.store(offset.bitPattern, ordering: .relaxed) }
      invalidSamples.store(reader.invalidSampleCount, ordering: .relaxed)
      while !isLive && ring.room < count && !isStopping.load(ordering: .relaxed) {
        _ = dataRead.wait(timeout: .now() + Self.waitLimit)
      }
      let block = reader.samples
      ring.write(block.span.extracting(first: count))
      capturedFrames.store(position, ordering: .releasing)
      dataWritten.signal()
    }
  }

  /// What is known of audio that is missing.
  private struct Hole {
    /// Whether audio was lost before the next frame.
    var isOpen = false
    /// Whether what comes now is left over from before.
    var isStale = false
    private var overrunCount = 0

    /// - Parameters:
    ///   - overrunCount: the source's.
    ///   - pause: seconds since the last audio.
    mutating func look(overrunCount: Int, pause: Double) {
      if overrunCount > self.overrunCount {
        // After an overrun the device starts anew and has nothing old.
        isOpen = true
      } else if !isOpen && pause >= CaptureThread.stallTime {
        isOpen = true
        isStale = true
      }
      self.overrunCount = overrunCount
    }
  }
}
