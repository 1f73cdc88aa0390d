import AudioInput
import Foundation
import Testing

@Suite struct AudioRingBufferTests {
  private func numbers(_ range: Range<Int>) -> [Float] { range.map { Float($0 + 1) } }

  private func block(_ start: Int, _ count: Int) -> AudioBlock {
    var block = AudioBlock()
    (block.start, block.count) = (start, count)
    return block
  }

  @Test func blocksComeOutAsTheyWentInAcrossTheEnd() throws {
    let ring = AudioRingBuffer(minimumCapacity: 10, minimumBlocks: 3)
    #expect(ring.capacity == 16 && ring.blockCapacity == 4)
    var read = [Float](repeating: 0, count: 8)
    var (written, taken) = (0, 0)
    for round in 0..<200 {
      let count = 1 + round % 7
      if ring.hasRoom(for: count) {
        let samples = numbers(written..<written + count)
        let isStored = ring.write(block(written, count), samples.span)
        #expect(isStored)
        written += count
      }
      guard round % 3 != 0 else { continue }
      let oldest = ring.read(into: &read)
      let block = try #require(oldest)
      #expect(block.start == taken)
      #expect(Array(read[..<block.count]) == numbers(taken..<taken + block.count))
      taken = block.end
    }
    #expect(taken > 200)
    #expect(ring.available == written - taken)
    #expect(ring.droppedCount == 0)
  }

  @Test func whatFindsNoRoomIsCountedAndTheNextBlockTellsWhereItIs() {
    let ring = AudioRingBuffer(minimumCapacity: 8)
    let samples = numbers(0..<6)
    let areStored = [0, 6, 12].map { ring.write(block($0, 6), samples.span) }
    #expect(areStored == [true, false, false])
    #expect(ring.droppedCount == 12)
    var read = [Float](repeating: 9, count: 8)
    let first = ring.read(into: &read)
    #expect(first?.start == 0)
    let none = ring.read(into: &read)
    #expect(none == nil)
    ring.write(block(18, 6), samples.span)
    let next = ring.read(into: &read)
    #expect(next?.start == 18)
    #expect(Array(read[..<6]) == samples)
  }

  @Test func manySmallBlocksFindNoRoomEither() {
    let ring = AudioRingBuffer(minimumCapacity: 1024, minimumBlocks: 4)
    let samples: [Float] = [1]
    let areStored = (0..<6).map { ring.write(block($0, 1), samples.span) }
    #expect(areStored == [true, true, true, true, false, false])
    #expect(ring.droppedCount == 2)
  }

  /// Run under the thread sanitizer too, by `make test-system`.
  @Test func aWriterAndAReaderAtFullSpeedLoseNothingUncounted() {
    let ring = AudioRingBuffer(minimumCapacity: 1024, minimumBlocks: 64)
    let total = 2_000_000
    let blockLength = 64
    let writerIsDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      for start in stride(from: 0, to: total, by: blockLength) {
        // Whole numbers up to 2^24 are exact in a float.
        let samples = (start..<start + blockLength).map { Float($0 + 1) }
        var block = AudioBlock()
        (block.start, block.count) = (start, blockLength)
        ring.write(block, samples.span)
      }
      writerIsDone.signal()
    }
    var read = [Float](repeating: 0, count: blockLength)
    var (received, wrong, last) = (0, 0, -1)
    var isDone = false
    while true {
      guard let block = ring.read(into: &read) else {
        if isDone { break }
        isDone = writerIsDone.wait(timeout: .now()) == .success
        continue
      }
      if block.start <= last { wrong += 1 }
      last = block.start
      for index in 0..<block.count where read[index] != Float(block.start + index + 1) { wrong += 1 }
      received += block.count
    }
    #expect(wrong == 0)
    #expect(received + ring.droppedCount == total)
  }
}
