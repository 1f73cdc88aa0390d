public import Affect
internal import Glibc
internal import Platform
internal import Synchronization

/// A lock-free queue of blocks of mono samples between one writer (the capture thread) and one reader (the inference
/// thread).
///
/// Nothing unread is overwritten. A block that finds no room is dropped and counted; the reader sees from the position
/// of the next one how much is missing.
///
/// `@unchecked Sendable`: the two sides share only the atomics. A part of `samples` and `blocks` belongs to the writer
/// until `written` and `blocksWritten` pass over it, and to the reader until `consumed` and `blocksConsumed` do.
public final class AudioRingBuffer: @unchecked Sendable {  // see above: the sides share only atomics
  /// Samples and blocks that fit.
  public let capacity: Int
  public let blockCapacity: Int

  private let samples: UnsafeMutablePointer<Float>
  private let blocks: UnsafeMutablePointer<AudioBlock>
  /// Samples stored so far; only the writer changes it.
  private let written = Atomic<Int>(0)
  /// Stored samples read so far; only the reader changes it.
  private let consumed = Atomic<Int>(0)
  private let blocksWritten = Atomic<Int>(0)
  private let blocksConsumed = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  /// - Parameters: both are rounded up to powers of two.
  ///   - minimumCapacity: in samples.
  ///   - minimumBlocks: in blocks.
  public init(minimumCapacity: Int, minimumBlocks: Int = 8192) {
    capacity = Self.powerOfTwo(atLeast: minimumCapacity)
    blockCapacity = Self.powerOfTwo(atLeast: minimumBlocks)
    samples = .allocate(capacity: capacity)
    samples.initialize(repeating: 0, count: capacity)
    blocks = .allocate(capacity: blockCapacity)
    blocks.initialize(repeating: AudioBlock(), count: blockCapacity)
  }

  deinit {
    munlock(samples, capacity * MemoryLayout<Float>.stride)
    munlock(blocks, blockCapacity * MemoryLayout<AudioBlock>.stride)
    samples.deallocate()
    blocks.deallocate()
  }

  private static func powerOfTwo(atLeast minimum: Int) -> Int {
    var value = 1
    while value < minimum { value *= 2 }
    return value
  }

  /// Keeps the buffer from being moved out to disk. Returns whether the system granted it.
  func lockInMemory() -> Bool {
    Platform.lockInMemory(samples, byteCount: capacity * MemoryLayout<Float>.stride)
      && Platform.lockInMemory(blocks, byteCount: blockCapacity * MemoryLayout<AudioBlock>.stride)
  }

  // MARK: - The writer's side

  /// Whether a block of `count` samples can be written now without loss.
  public func hasRoom(for count: Int) -> Bool {
    capacity - (written.load(ordering: .relaxed) - consumed.load(ordering: .acquiring)) >= count
      && blocksWritten.load(ordering: .relaxed) - blocksConsumed.load(ordering: .acquiring) < blockCapacity
  }

  /// Appends `block`, whose samples are the first `block.count` of `new`; or drops and counts it if it does not fit.
  ///
  /// - Returns: whether it was stored.
  @discardableResult
  public func write(_ block: AudioBlock, _ new: Span<Float>) -> Bool {
    guard hasRoom(for: block.count) else {
      dropped.add(block.count, ordering: .relaxed)
      return false
    }
    let position = written.load(ordering: .relaxed)
    for index in 0..<block.count { samples[(position + index) & (capacity - 1)] = new[index] }
    let number = blocksWritten.load(ordering: .relaxed)
    blocks[number & (blockCapacity - 1)] = block
    written.store(position + block.count, ordering: .releasing)
    blocksWritten.store(number + 1, ordering: .releasing)
    return true
  }

  // MARK: - The reader's side

  /// Samples that can be read now.
  public var available: Int {
    written.load(ordering: .acquiring) - consumed.load(ordering: .relaxed)
  }

  /// Takes the oldest block out and puts its samples into the beginning of `target`; nil if there is none.
  ///
  /// - Precondition: `target` has room for it.
  public func read(into target: inout [Float]) -> AudioBlock? {
    let number = blocksConsumed.load(ordering: .relaxed)
    guard number < blocksWritten.load(ordering: .acquiring) else { return nil }
    let block = blocks[number & (blockCapacity - 1)]
    precondition(block.count <= target.count)
    let position = consumed.load(ordering: .relaxed)
    for index in 0..<block.count { target[index] = samples[(position + index) & (capacity - 1)] }
    consumed.store(position + block.count, ordering: .releasing)
    blocksConsumed.store(number + 1, ordering: .releasing)
    return block
  }

  // MARK: - Either side

  /// Samples dropped so far for want of room.
  public var droppedCount: Int { dropped.load(ordering: .relaxed) }
}

/// What is known of the samples of one read, beside the samples.
public struct AudioBlock: Sendable, Equatable {
  /// Frames that the source had given before this one, in all.
  public var start = 0
  public var count = 0
  /// When the read returned, seconds of ``Clock/now``.
  public var arrival = 0.0
  /// The same on the wall.
  public var wall = 0.0
  /// Overruns of the source so far.
  public var overruns = 0
  /// Whether the reader had to wait for it: the source kept nothing older then.
  public var isFresh = true
  /// Samples that counted as silence so far, because they were no usable numbers.
  public var invalidSamples = 0
  /// What is the matter with the audio.
  public var conditions: InputConditions = []

  /// Position after the last frame.
  public var end: Int { start + count }

  public init() {}
}
