/// The newest stretch of a stream of samples, addressed by position in the stream.
struct SampleHistory {
  /// Samples that are kept at least.
  let length: Int
  /// Position of the first sample that is held.
  private(set) var start = 0
  private var samples: [Float] = []

  /// Position after the last sample.
  var end: Int { start + samples.count }

  init(length: Int) {
    self.length = length
    samples.reserveCapacity(2 * length)
  }

  /// Appends at most ``length`` samples. Older ones are let go now and then, so that memory stays bounded.
  mutating func append(_ new: Span<Float>) {
    makeRoom(for: new.count)
    for index in new.indices { samples.append(new[index]) }
  }

  mutating func append(zeros count: Int) {
    makeRoom(for: count)
    for _ in 0..<count { samples.append(0) }
  }

  private mutating func makeRoom(for count: Int) {
    precondition(count <= length)
    let surplus = samples.count - (length - count)
    guard samples.count + count > 2 * length, surplus > 0 else { return }
    samples.removeFirst(surplus)
    start += surplus
  }

  /// The samples from `position` on; they must still be there.
  func withSpan(from position: Int, count: Int, _ body: (Span<Float>) -> Void) {
    precondition(position >= start && position + count <= end)
    body(samples.span.extracting(position - start..<position - start + count))
  }
}
