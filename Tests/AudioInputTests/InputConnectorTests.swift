import AudioInput
import Platform
import TestSupport
import Testing

/// What brings a lost device back, without a device and by a clock that the test moves.
@Suite struct InputConnectorTests {
  private let clock = ManualClock()

  /// The times at which an input was tried, and when it opens.
  private final class Attempts {
    var times: [Double] = []
    let failures: Int

    init(failures: Int) { self.failures = failures }
  }

  private func connector(
    after previous: Capture? = nil, _ attempts: Attempts
  ) -> InputConnector {
    // Everything happens on the test's thread.
    nonisolated(unsafe) let attempts = attempts
    let clock = clock
    return InputConnector(after: previous, schedule: RetrySchedule(), clock: clock) { () throws(Failure) in
      attempts.times.append(clock.now)
      guard attempts.times.count > attempts.failures else {
        throw Failure(.noInput, "attempt \(attempts.times.count)")
      }
      return Capture(try MonoReader(DemoSource(repeats: true), channel: .average))
    }
  }

  /// Steps until nothing is left to do, or `seconds` have passed.
  private func run(_ connector: InputConnector, _ seconds: Double = 1000) {
    let end = clock.now + seconds
    while clock.now < end, let time = connector.step() { clock.sleep(until: time) }
  }

  @Test func theWaitDoublesUpToALimit() {
    var schedule = RetrySchedule()
    #expect((0..<6).map { _ in schedule.nextDelay() } == [0.25, 0.5, 1, 1.5, 1.5, 1.5])
    // Back within two seconds of the device's return, whenever that is.
    #expect(schedule.nextDelay() < 2)
  }

  @Test func anInputIsTriedUntilItOpens() throws {
    let attempts = Attempts(failures: 5)
    let connector = connector(attempts)
    run(connector)
    #expect(attempts.times.map { $0 - 100 } == [0.25, 0.75, 1.75, 3.25, 4.75, 6.25])
    #expect(connector.takeFailure()?.description == "attempt 5")
    #expect(connector.takeFailure() == nil)
    let capture = try #require(connector.takeCapture())
    #expect(capture.sampleRate == 48_000)
    #expect(connector.takeCapture() == nil)
    #expect(connector.step() == nil)
  }

  @Test func theOldCaptureIsStoppedFirst() throws {
    let reader = try MonoReader(DemoSource(repeats: true), channel: .average)
    let old = Capture(reader)
    let loop = CaptureLoop(reader, old, clock: clock)
    let attempts = Attempts(failures: 0)
    let connector = connector(after: old, attempts)
    _ = connector.step()
    #expect(!loop.step())
    run(connector)
    #expect(attempts.times.map { Int((($0 - 100) * 100).rounded()) } == [25])
  }

  /// A driver that hangs does not hang affectd.
  @Test func anOldCaptureThatDoesNotEndIsWaitedForASecond() throws {
    let reader = try MonoReader(DemoSource(repeats: true), channel: .average)
    let attempts = Attempts(failures: 0)
    run(connector(after: Capture(reader), attempts))
    #expect(attempts.times.map { Int((($0 - 100) * 100).rounded()) } == [125])
  }

  @Test func aConnectorThatIsStoppedTriesNoMore() {
    let attempts = Attempts(failures: 100)
    let connector = connector(attempts)
    run(connector, 3)
    let count = attempts.times.count
    #expect(count > 1)
    connector.stop()
    #expect(connector.step() == nil)
    #expect(attempts.times.count == count)
    #expect(connector.takeCapture() == nil)
  }

  @Test func aCaptureThatNobodyTookIsStopped() throws {
    let connector = connector(Attempts(failures: 0))
    run(connector)
    connector.stop()
    #expect(connector.takeCapture() == nil)
  }

  /// The same on a thread of its own, with a real capture.
  @Test func aConnectorWorksOnItsOwnThread() throws {
    let old = Capture.start(try MonoReader(DemoSource(repeats: true), channel: .average))
    let schedule = RetrySchedule(shortest: 0.001, longest: 0.002)
    let connector = InputConnector.start(after: old, schedule: schedule) { () throws(Failure) in
      Capture.start(try MonoReader(DemoSource(repeats: true), channel: .average))
    }
    var new: Capture?
    while new == nil {
      connector.wait(atMost: 0.1)
      new = connector.takeCapture()
    }
    #expect(old.end != nil)
    #expect(new?.end == nil)
    new?.stop()
  }
}
