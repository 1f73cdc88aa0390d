import AudioInput
import Foundation
import Testing

@Suite struct AudioRingBufferTests {
  private func numbers(_ range: Range<Int>) -> [Float] { range.map { Float($0 + 1) } }

  @Test func samplesComeOutAsTheyWentInAcrossTheEnd() {
    let ring = AudioRingBuffer(minimumCapacity: 10)
    #expect(ring.capacity == 16)
    var read = [Float](repeating: 0, count: 5)
    var (written, taken) = (0, 0)
    for _ in 0..<50 {
      let block = numbers(written..<written + 7)
      if ring.room >= 7 {
        let isStored = ring.write(block.span)
        #expect(isStored)
        written += 7
      }
      let count = ring.read(into: &read)
      #expect(Array(read[..<count]) == numbers(taken..<taken + count))
      taken += count
    }
    #expect(taken > 200)
    #expect(ring.droppedCount == 0)
  }

  @Test func whatFindsNoRoomIsCountedAndReadsAsSilenceInItsPlace() {
    let ring = AudioRingBuffer(minimumCapacity: 8)
    let (first, lost, last) = (numbers(0..<6), numbers(6..<11), numbers(11..<14))
    let areStored = [ring.write(first.span), ring.write(lost.span), ring.write(lost.span)]
    #expect(areStored == [true, false, false])
    #expect(ring.droppedCount == 10)

    var read = [Float](repeating: 9, count: 4)
    #expect(ring.read(into: &read) == 4)
    ring.write(last.span)
    var all = read
    while true {
      let count = ring.read(into: &read)
      if count == 0 { break }
      all += read[..<count]
    }
    #expect(all == first + [Float](repeating: 0, count: 10) + last)
    #expect(ring.droppedCount == 10)
  }

  @Test func aSecondHoleWaitsUntilTheFirstIsRead() {
    let ring = AudioRingBuffer(minimumCapacity: 8)
    var read = [Float](repeating: 9, count: 8)
    let full = numbers(0..<8)
    let two = numbers(8..<10)
    ring.write(full.span)
    ring.write(two.span)  // dropped
    #expect(ring.read(into: &read) == 8)
    ring.write(full.span)  // after the first hole
    ring.write(two.span)  // dropped: full again
    #expect(ring.read(into: &read) == 2)
    #expect(read[..<2] == [0, 0])
    #expect(ring.read(into: &read) == 8)
    ring.write(two.span)
    #expect(ring.read(into: &read) == 2)
    #expect(read[..<2] == [0, 0])
    #expect(ring.read(into: &read) == 2)
    #expect(Array(read[..<2]) == two)
    #expect(ring.droppedCount == 4)
  }

  /// Run under the thread sanitizer too, by `make test-system`.
  @Test func aWriterAndAReaderAtFullSpeedLoseNothingUncounted() {
    let ring = AudioRingBuffer(minimumCapacity: 1024)
    let total = 2_000_000
    let blockLength = 64
    let writerIsDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      for start in stride(from: 0, to: total, by: blockLength) {
        // Whole numbers up to 2^24 are exact in a float; a zero can only be a hole.
        let block = (start..<start + blockLength).map { Float($0 % 10_000_000 + 1) }
        ring.write(block.span)
      }
      writerIsDone.signal()
    }
    var read = [Float](repeating: 0, count: 100)
    var (position, zeros, wrong) = (0, 0, 0)
    var isDone = false
    while true {
      let count = ring.read(into: &read)
      for sample in read[..<count] {
        if sample == 0 { zeros += 1 } else if sample != Float(position + 1) { wrong += 1 }
        position += 1
      }
      if count == 0 {
        if isDone { break }
        isDone = writerIsDone.wait(timeout: .now()) == .success
      }
    }
    #expect(wrong == 0)
    // A hole at the very end has nothing after it that would tell of it.
    #expect(zeros <= ring.droppedCount)
    #expect(position + (ring.droppedCount - zeros) == total)
  }

  @Test func whatNeverCameIsDeliveredAsSilenceInItsPlace() {
    let ring = AudioRingBuffer(minimumCapacity: 64)
    let first: [Float] = [1, 2, 3]
    let second: [Float] = [4, 5]
    ring.write(first.span)
    ring.skip(100)
    ring.write(second.span)
    var delivered: [Float] = []
    var block = [Float](repeating: -1, count: 16)
    while true {
      let count = ring.read(into: &block)
      if count == 0 { break }
      delivered += block[..<count]
    }
    #expect(delivered == [1, 2, 3] + [Float](repeating: 0, count: 100) + [4, 5])
    #expect(ring.gapSampleCount == 100)
    #expect(ring.droppedCount == 0)
  }
}
