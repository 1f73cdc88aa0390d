internal import Synchronization

/// A lock-free queue of mono samples between one writer (the capture thread) and one reader (the inference thread).
///
/// Nothing unread is overwritten. Samples that find no room are dropped and counted, and the reader gets as many zeros
/// in their place, so that the position in the stream stays the audio time.
///
/// `@unchecked Sendable`: the two sides share only the atomics; a part of `storage` belongs to the writer until
/// `written` passes over it, and to the reader until `consumed` does.
public final class AudioRingBuffer: @unchecked Sendable {  // see above: the sides share only atomics
  public let capacity: Int

  private let storage: UnsafeMutablePointer<Float>
  /// Samples stored so far; only the writer changes it.
  private let written = Atomic<Int>(0)
  /// Stored samples read so far; only the reader changes it.
  private let consumed = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  /// A hole in the stream before the stored sample of this number. The writer sets it when it is ``noGap``, the
  /// reader sets it back when it has delivered the hole's zeros.
  private let gapPosition = Atomic<Int>(noGap)
  private let gapLength = Atomic<Int>(0)
  private static let noGap = -1

  /// Writer's: dropped samples that the reader has not been told of.
  private var pendingGap = 0
  /// Reader's: zeros of the present hole that were delivered.
  private var deliveredGap = 0
  /// Reader's: zeros delivered so far, in all holes.
  public private(set) var gapSampleCount = 0

  /// - Parameter minimumCapacity: in samples, rounded up to a power of two.
  public init(minimumCapacity: Int) {
    var capacity = 1
    while capacity < minimumCapacity { capacity *= 2 }
    self.capacity = capacity
    storage = .allocate(capacity: capacity)
    storage.initialize(repeating: 0, count: capacity)
  }

  deinit { storage.deallocate() }

  // MARK: - The writer's side

  /// Samples that can be written now without loss.
  public var room: Int {
    capacity - (written.load(ordering: .relaxed) - consumed.load(ordering: .acquiring))
  }

  /// Appends all of `samples`, or drops and counts all of them if they do not fit.
  ///
  /// - Returns: whether they were stored.
  @discardableResult
  public func write(_ samples: Span<Float>) -> Bool {
    let position = written.load(ordering: .relaxed)
    let gapIsOpen = pendingGap > 0 && gapPosition.load(ordering: .acquiring) != Self.noGap
    guard room >= samples.count, !gapIsOpen else {
      pendingGap += samples.count
      dropped.add(samples.count, ordering: .relaxed)
      return false
    }
    if pendingGap > 0 {
      gapLength.store(pendingGap, ordering: .relaxed)
      gapPosition.store(position, ordering: .releasing)
      pendingGap = 0
    }
    for index in samples.indices { storage[(position + index) & (capacity - 1)] = samples[index] }
    written.store(position + samples.count, ordering: .releasing)
    return true
  }

  /// Says that `count` samples never came. The reader gets as many zeros in their place.
  public func skip(_ count: Int) {
    pendingGap += count
  }

  // MARK: - The reader's side

  /// Samples that can be read now, without the zeros of a hole.
  public var available: Int {
    written.load(ordering: .acquiring) - consumed.load(ordering: .relaxed)
  }

  /// Moves up to `samples.count` samples into the beginning of `samples`.
  ///
  /// - Returns: how many; 0 if there are none.
  public func read(into samples: inout [Float]) -> Int {
    let position = consumed.load(ordering: .relaxed)
    var count = min(samples.count, written.load(ordering: .acquiring) - position)
    let gap = gapPosition.load(ordering: .acquiring)
    if gap == position {
      return readGap(into: &samples)
    }
    if gap != Self.noGap { count = min(count, gap - position) }
    for index in 0..<count { samples[index] = storage[(position + index) & (capacity - 1)] }
    consumed.store(position + count, ordering: .releasing)
    return count
  }

  private func readGap(into samples: inout [Float]) -> Int {
    let length = gapLength.load(ordering: .relaxed)
    let count = min(samples.count, length - deliveredGap)
    for index in 0..<count { samples[index] = 0 }
    deliveredGap += count
    gapSampleCount += count
    if deliveredGap == length {
      deliveredGap = 0
      gapPosition.store(Self.noGap, ordering: .releasing)
    }
    return count
  }

  // MARK: - Either side

  /// Samples dropped so far for want of room.
  public var droppedCount: Int { dropped.load(ordering: .relaxed) }
}
