import AudioInput
import Synchronization
import Testing

/// What brings a lost device back, without a device.
@Suite struct InputConnectorTests {
  /// An input that opens when it was tried so many times.
  private func opening(afterFailures count: Int) -> InputConnector.Opening {
    let attempts = Atomic<Int>(0)
    return { () throws(AudioInputError) in
      let attempt = attempts.add(1, ordering: .relaxed).newValue
      guard attempt > count else { throw AudioInputError(.cannotOpen, "attempt \(attempt)") }
      return try MonoReader(DemoSource(repeats: true), channel: .average)
    }
  }

  private let fast = RetrySchedule(shortest: 0.001, longest: 0.002)

  private func taken(from connector: InputConnector) -> CaptureThread? {
    for _ in 0..<600 {
      if let capture = connector.takeCapture() { return capture }
      connector.wait(atMost: 0.1)
    }
    return nil
  }

  @Test func theWaitDoublesUpToALimit() {
    var schedule = RetrySchedule()
    #expect((0..<6).map { _ in schedule.nextDelay() } == [0.25, 0.5, 1, 1.5, 1.5, 1.5])
    // Back within two seconds of the device's return, whenever that is.
    #expect(schedule.nextDelay() < 2)
  }

  @Test func anInputIsTriedUntilItOpens() throws {
    let connector = InputConnector.start(after: nil, schedule: fast, open: opening(afterFailures: 20))
    let capture = try #require(taken(from: connector))
    #expect(capture.sampleRate == 48_000)
    #expect(connector.takeCapture() == nil)
    #expect(connector.takeFailure() != nil)
    capture.stop()
  }

  @Test func theOldCaptureIsStoppedFirst() throws {
    let old = CaptureThread.start(try MonoReader(DemoSource(repeats: true), channel: .average))
    let connector = InputConnector.start(after: old, schedule: fast, open: opening(afterFailures: 0))
    let new = try #require(taken(from: connector))
    #expect(old.end != nil)
    #expect(new.end == nil)
    new.stop()
  }

  @Test func aConnectorThatIsStoppedGivesNothing() {
    let connector = InputConnector.start(
      after: nil, schedule: RetrySchedule(shortest: 60, longest: 60), open: opening(afterFailures: 0))
    connector.stop()
    connector.wait(atMost: 0.1)
    #expect(connector.takeCapture() == nil)
  }
}

@Suite struct ArrivalQueueTests {
  @Test func aPositionArrivedWithTheReadThatCompletedIt() {
    let queue = ArrivalQueue()
    #expect(queue.time(ofArrivalAt: 1) == nil)
    queue.append(end: 480, time: 1)
    queue.append(end: 960, time: 2)
    queue.append(end: 1440, time: 3)
    #expect(queue.time(ofArrivalAt: 480) == 1)
    #expect(queue.time(ofArrivalAt: 481) == 2)
    #expect(queue.time(ofArrivalAt: 960) == 2)
    #expect(queue.time(ofArrivalAt: 1440) == 3)
    #expect(queue.time(ofArrivalAt: 1441) == nil)
    queue.append(end: 1920, time: 4)
    #expect(queue.time(ofArrivalAt: 1441) == 4)
  }

  @Test func whatFindsNoRoomIsAnsweredByTheNext() {
    let queue = ArrivalQueue()
    for index in 1...5000 { queue.append(end: index * 10, time: Double(index)) }
    #expect(queue.time(ofArrivalAt: 10) == 1)
    #expect(queue.time(ofArrivalAt: 5000) == 500)
    #expect(queue.time(ofArrivalAt: 40_000) == nil)
    queue.append(end: 50_010, time: 5001)
    #expect(queue.time(ofArrivalAt: 40_000) == 5001)
  }
}
