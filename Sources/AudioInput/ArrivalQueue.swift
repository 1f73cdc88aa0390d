internal import Synchronization

/// When the audio arrived: a lock-free queue of stream positions and times from the capture thread to the inference
/// thread, so that latency can be measured from the read that brought a sample.
///
/// Entries that find no room are left out; the next one answers for them.
///
/// `@unchecked Sendable`: a slot belongs to the writer until `written` passes over it, and to the reader until `read`
/// does.
package final class ArrivalQueue: @unchecked Sendable {  // see above
  private struct Arrival {
    /// Position after the last sample of the read.
    var end = 0
    /// Of the monotonic clock, seconds.
    var time = 0.0
  }

  /// More than the blocks of 10 ms that the ring buffer holds.
  private static let capacity = 1024

  private let slots: UnsafeMutablePointer<Arrival>
  private let written = Atomic<Int>(0)
  private let consumed = Atomic<Int>(0)

  package init() {
    slots = .allocate(capacity: Self.capacity)
    slots.initialize(repeating: Arrival(), count: Self.capacity)
  }

  deinit { slots.deallocate() }

  /// Says, on the capture thread, that the stream up to `end` had arrived at `time`.
  package func append(end: Int, time: Double) {
    let position = written.load(ordering: .relaxed)
    guard position - consumed.load(ordering: .acquiring) < Self.capacity else { return }
    slots[position % Self.capacity] = Arrival(end: end, time: time)
    written.store(position + 1, ordering: .releasing)
  }

  /// When the stream up to `position` had arrived, nil if that is not known. To be asked, on the inference thread, for
  /// positions that do not decrease.
  package func time(ofArrivalAt position: Int) -> Double? {
    let end = written.load(ordering: .acquiring)
    var index = consumed.load(ordering: .relaxed)
    while index < end, slots[index % Self.capacity].end < position { index += 1 }
    consumed.store(index, ordering: .releasing)
    return index < end ? slots[index % Self.capacity].time : nil
  }
}
