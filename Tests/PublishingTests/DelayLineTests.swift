import NIOCore
import NIOEmbedded
import Publishing
import Testing

/// The offset, by the clock of a testing event loop.
@Suite struct DelayLineTests {
  private final class Log {
    var done: [Int] = []
  }

  private let loop = EmbeddedEventLoop()
  private let log = Log()

  private func run(_ line: DelayLine, _ number: Int, after delay: Double) {
    line.run(after: delay) { [log] in log.done.append(number) }
  }

  @Test func everythingComesAfterItsDelay() {
    let line = DelayLine(loop: loop)
    for number in 1...4 {
      run(line, number, after: 0.5)
      loop.advanceTime(by: .milliseconds(100))
    }
    #expect(log.done == [])
    loop.advanceTime(by: .milliseconds(99))
    #expect(log.done == [])
    loop.advanceTime(by: .milliseconds(1))
    #expect(log.done == [1])
    loop.advanceTime(by: .milliseconds(200))
    #expect(log.done == [1, 2, 3])
    loop.advanceTime(by: .milliseconds(100))
    #expect(log.done == [1, 2, 3, 4])
  }

  @Test func aSmallerDelayDoesNotChangeTheOrder() {
    let line = DelayLine(loop: loop)
    run(line, 1, after: 10)
    run(line, 2, after: 10)
    run(line, 3, after: 5)
    loop.advanceTime(by: .seconds(5))
    #expect(log.done == [1, 2, 3])
    run(line, 4, after: 10)
    run(line, 5, after: 0)
    #expect(log.done == [1, 2, 3, 4, 5])
    // What was due is not done twice.
    loop.advanceTime(by: .seconds(20))
    #expect(log.done == [1, 2, 3, 4, 5])
  }

  @Test func whatWaitsCanBeDoneAtOnce() {
    let line = DelayLine(loop: loop)
    run(line, 1, after: 10)
    run(line, 2, after: 10)
    line.flush()
    #expect(log.done == [1, 2])
  }
}
