internal import Glibc

/// Ties audio time to a clock: `time = audio time + offset`.
///
/// A sound card's clock is off by some 50 ppm, 4 s a day. So the offset follows what is observed, with a time constant
/// long enough to even out when reads happen to return.
package struct ClockAnchor: Sendable {
  /// Seconds; nil before the first observation.
  package private(set) var offset: Double?

  private var lastAudioTime = 0.0

  /// Seconds.
  static let timeConstant = 10.0
  /// A larger error, in seconds, is no drift: the audio paused.
  static let largestDrift = 1.0

  package init() {}

  /// Says that the audio up to `audioTime` had just arrived at `time`, both in seconds.
  package mutating func observe(audioTime: Double, time: Double) {
    let observed = time - audioTime
    defer { lastAudioTime = audioTime }
    guard let offset, abs(observed - offset) <= Self.largestDrift else {
      offset = observed
      return
    }
    let weight = 1 - exp(-max(0, audioTime - lastAudioTime) / Self.timeConstant)
    self.offset = offset + (observed - offset) * weight
  }
}

/// When the last seconds of a stream arrived, so that latency can be measured from the read that brought a sample.
package struct ArrivalHistory {
  private struct Arrival {
    /// Position after the last sample of the block.
    var end = 0
    var time = 0.0
  }

  private var ring: [Arrival]
  private var count = 0

  /// - Parameter capacity: blocks that are remembered.
  package init(capacity: Int = 2048) {
    ring = Array(repeating: Arrival(), count: capacity)
  }

  /// - Parameter end: not before the one before.
  package mutating func append(end: Int, time: Double) {
    ring[count % ring.count] = Arrival(end: end, time: time)
    count += 1
  }

  package mutating func restart() { count = 0 }

  /// When the stream up to `position` had arrived; nil if it has not, or that is forgotten.
  package func time(ofArrivalAt position: Int) -> Double? {
    var low = max(0, count - ring.count)
    // What is older than the oldest that is remembered is not known.
    guard low == 0 || ring[low % ring.count].end <= position else { return nil }
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if ring[middle % ring.count].end < position { low = middle + 1 } else { high = middle }
    }
    return low < count ? ring[low % ring.count].time : nil
  }
}
