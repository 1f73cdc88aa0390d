import Affect
import AudioInput
import Platform
import TestSupport
import Testing
import Tracking

/// The inference loop over a real capture, stepped by a clock that the test moves. Windows last a second.
@Suite struct TrackingLoopTests {
  private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

  /// The audio times go up by at most `most` seconds, and each tick's wall-clock time is its audio time and `offset`.
  private func expectSteadyTimes(_ estimates: [TimedEstimate], most: Double = 0.25, offset: Int, tolerance: Int = 15) {
    let times = estimates.map(\.estimate.audioTime)
    #expect(times.count > 1)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= most + 1e-9 }, "\(times)")
    let offsets = estimates.map { milliseconds($0.unixTime - $0.estimate.audioTime) - offset }
    #expect(offsets.allSatisfy { abs($0) <= tolerance }, "\(offsets)")
  }

  @Test func aStartGoesThroughWarmingUpToTracking() throws {
    let input = SteppedInput()
    input.run(2)
    #expect(input.states.map(\.state) == [.warmingUp, .tracking])
    #expect(input.estimates.map(\.estimate.tick) == Array(1...8))
    #expect(input.estimates.map { $0.estimate.values != nil } == [false, false, false, true, true, true, true, true])
    let value = try #require(input.estimates.last?.estimate.values?.smoothed.valence)
    #expect(abs(value - 0.5) < 0.01)
    expectSteadyTimes(input.estimates, offset: 1_000_100_000)
  }

  @Test func aStallIsToldAfterASecondAndItsAudioIsNotPlayedThroughLater() throws {
    let input = SteppedInput()
    input.run(2)
    input.isPlaying = false
    input.run(2.5)
    let stalled = try #require(input.states.last)
    #expect(stalled.state == .stalled && stalled.time == 3000)
    // What the card kept comes at once.
    input.source.available = 1500
    input.isPlaying = true
    input.run(2)
    #expect(input.states.map(\.state).suffix(2) == [.stalled, .tracking])
    // A second is without a tick: nobody knew better.
    expectSteadyTimes(input.estimates, most: 1, offset: 1_000_100_000)
    let gaps = input.estimates.map(\.estimate.gap).filter { $0 != 0 }
    #expect(gaps.count == 1 && abs(gaps[0] - 2.51) < 0.011, "\(gaps)")
    #expect(abs(input.counters.lostSeconds - 2.51) < 0.011)
    #expect(input.counters.reconnects == 0)
    // Held while there was nothing to follow.
    #expect(input.estimates.suffix(10).allSatisfy { $0.estimate.values != nil })
  }

  /// A card that opens and gives nothing at first. The audio time must not stand still when it does.
  @Test func aCardThatIsLateGoesOnWhereTheTicksAre() {
    let input = SteppedInput()
    input.isPlaying = false
    input.run(2.4)
    #expect(input.states.map(\.state) == [.warmingUp, .stalled])
    input.isPlaying = true
    input.run(3)
    expectSteadyTimes(input.estimates, most: 0.25, offset: 1_000_100_000)
    #expect(input.estimates.first?.estimate.audioTime == 1)
    #expect(input.estimates.last.map { $0.estimate.audioTime >= 5.25 } == true)
    #expect(input.estimates.allSatisfy { $0.estimate.gap == 0 })
    #expect(input.states.last?.state == .tracking)
  }

  @Test func aStallThatLastsIsALossAndTheDeviceIsHeardAgainAtAnotherRate() throws {
    let input = SteppedInput()
    input.run(3)
    input.isPlaying = false
    input.run(4)
    #expect(input.states.suffix(2).map(\.state) == [.stalled, .reconnecting])
    #expect(input.states.suffix(2).map(\.time) == [4000, 6000])
    #expect(
      input.events.contains { if case .lost(let error) = $0 { "\(error)".contains("gave nothing") } else { false } })
    #expect(input.events.contains { if case .notOpened = $0 { true } else { false } })
    input.next = ScriptedSource(pace: .device, rate: 2000)
    input.isPlaying = true
    input.run(6)
    #expect(input.states.suffix(3).map(\.state) == [.reconnecting, .warmingUp, .tracking])
    #expect(input.counters.reconnects == 1)
    expectSteadyTimes(input.estimates, most: 1, offset: 1_000_100_000)
    let gaps = input.estimates.map(\.estimate.gap).filter { $0 != 0 }
    #expect(gaps.count == 1 && gaps[0] > 3 && gaps[0] < 6)
    #expect(abs(input.counters.lostSeconds - gaps[0]) < 1e-6)
    #expect(input.estimates.suffix(30).allSatisfy { $0.estimate.values != nil })
  }

  @Test func aDeviceThatFailsIsTriedAgain() {
    let input = SteppedInput()
    input.run(2)
    input.source.failure = Failure(.deviceLost, "the device is gone")
    input.run(1)
    #expect(input.states.last?.state == .reconnecting)
    input.next = ScriptedSource(pace: .device)
    input.run(4)
    #expect(input.states.last?.state == .tracking)
    #expect(!input.hasEnded)
  }

  @Test func aDeviceThatIsAbsentAtTheStartIsWaitedFor() {
    let input = SteppedInput(opens: false)
    input.run(10)
    #expect(input.states.map(\.state) == [.reconnecting])
    #expect(input.estimates.allSatisfy { $0.estimate.values == nil })
    input.next = ScriptedSource(pace: .device)
    input.run(5)
    #expect(input.states.last?.state == .tracking)
    expectSteadyTimes(input.estimates, offset: 1_000_100_000)
    // It has lost nothing: there was nothing.
    #expect(input.counters.reconnects == 0 && input.counters.lostSeconds == 0)
  }

  @Test func anOverrunIsAGapOfItsLength() {
    let input = SteppedInput()
    input.run(2)
    input.isCapturing = false
    input.run(0.6)
    input.source.available = 0
    input.source.overrunCount = 1
    input.isCapturing = true
    input.run(1)
    #expect(input.counters.overruns == 1)
    let gaps = input.estimates.map(\.estimate.gap).filter { $0 != 0 }
    #expect(gaps.count == 1 && abs(gaps[0] - 0.6) < 0.011, "\(gaps)")
    expectSteadyTimes(input.estimates, offset: 1_000_100_000)
  }

  @Test func whatTheRingBufferCannotHoldIsCountedAndItsTimePasses() {
    let input = SteppedInput()
    input.run(2)
    input.isTracking = false
    // The ring buffer holds a little over 8 s.
    input.run(12)
    input.isTracking = true
    input.run(2)
    #expect(input.counters.lostSeconds > 3 && input.counters.lostSeconds < 4.1)
    #expect(input.counters.skippedTicks > 10)
    expectSteadyTimes(input.estimates, most: 10, offset: 1_000_100_000)
    let last = input.estimates.last?.estimate.audioTime ?? 0
    #expect(abs(last - 16) < 0.26)
  }

  // MARK: - Pipes and files

  @Test func aPipeThatPausesStallsLikeADeviceAndDoesNotBurst() throws {
    let input = SteppedInput(pace: .realTimeOrFaster)
    input.run(5)
    input.isPlaying = false
    input.run(10)
    let stalled = try #require(input.states.last)
    #expect(stalled.state == .stalled && abs(stalled.time - 6000) <= 20)
    let during = input.estimates.filter { $0.estimate.state == .stalled }
    #expect(during.count >= 35)
    input.isPlaying = true
    input.forgetEvents()
    input.run(3)
    #expect(input.states.map(\.state) == [.warmingUp, .tracking] || input.states.map(\.state) == [.tracking])
    // Twelve ticks in three seconds, and none of them at once.
    #expect((11...13).contains(input.estimates.count))
    expectSteadyTimes(input.estimates, offset: 1_000_100_000, tolerance: 40)
    #expect(abs(try #require(input.estimates.first).estimate.gap - 10) < 0.05)
    #expect(input.counters.reconnects == 0)
  }

  /// What was written while the reader waited is not played through faster than it sounds.
  @Test func aPipeWithABacklogIsReadInRealTime() {
    let input = SteppedInput(pace: .realTimeOrFaster)
    input.run(2)
    input.isPlaying = false
    input.run(4)
    input.source.available = 20_000
    let start = input.clock.now
    let told = input.estimates.count
    input.run(10)
    let seconds = input.clock.now - start
    #expect(abs(Double(input.estimates.count - told) - seconds / 0.25) <= 2)
    let times = input.estimates.map(\.unixTime)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test(arguments: [AudioPace.device, .realTimeOrFaster, .realTime])
  func aProcessThatWasStoppedGoesOnWithoutALossOrABurst(pace: AudioPace) {
    let input = SteppedInput(pace: pace)
    input.run(3)
    let before = input.estimates.count
    input.sleep(60)
    input.run(3)
    #expect(!input.states.contains { $0.state == .reconnecting })
    #expect(input.states.last?.state == .tracking)
    // The half second that the source kept may come at once.
    #expect((11...15).contains(input.estimates.count - before), "\(input.estimates.count - before)")
    let times = input.estimates.map(\.unixTime)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    let age = input.clock.wall - (times.last ?? 0)
    #expect(age < 0.6, "\(age)")
  }

  @Test func aFileThatEndsIsTheEnd() {
    let input = SteppedInput(pace: .realTime)
    input.run(2)
    input.source.hasEnded = true
    input.isPlaying = false
    input.run(1)
    #expect(input.hasEnded)
    #expect(input.states.last?.state == .stopping)
    #expect(input.estimates.count == 8)
  }

  // MARK: - The clock on the wall

  @Test func aWallClockThatIsSetMovesTheTicksAtOnce() {
    let input = SteppedInput()
    input.run(2)
    input.clock.setWall(forward: 3600)
    input.forgetEvents()
    input.run(2)
    expectSteadyTimes(input.estimates, offset: 1_003_700_000)
  }

  // MARK: - Commands

  @Test func aResetBeginsANewWindow() {
    let input = SteppedInput()
    input.run(3)
    input.send(.reset)
    input.forgetEvents()
    input.run(2)
    #expect(input.estimates.prefix(3).allSatisfy { $0.estimate.values == nil })
    #expect(input.estimates.last?.estimate.values != nil)
    expectSteadyTimes(input.estimates, offset: 1_000_100_000)
  }

  private func failure(_ input: SteppedInput) -> String? {
    input.events.compactMap { if case .measurementFailed(let reason) = $0 { reason } else { nil } }.first
  }

  @Test func aMeasurementWithoutAudioIsRefusedAtOnce() {
    let input = SteppedInput()
    input.run(2)
    input.isPlaying = false
    input.run(1.5)
    input.send(.measure(seconds: 5))
    input.run(0.01)
    #expect(failure(input)?.contains("stalled") == true)
    input.run(3)
    input.forgetEvents()
    input.send(.measure(seconds: 5))
    input.run(0.01)
    #expect(failure(input)?.contains("reconnecting") == true)
  }

  @Test func aMeasurementEndsWhenTheInputStalls() {
    let input = SteppedInput(rate: 48_000)
    input.run(2)
    input.send(.measure(seconds: 5))
    input.run(1)
    #expect(failure(input) == nil)
    input.isPlaying = false
    input.run(1)
    #expect(failure(input)?.contains("stalled") == true)
  }

  /// Half of the audio is missing all the time, but never a whole second.
  @Test func aMeasurementHasATimeLimit() {
    let input = SteppedInput(rate: 48_000)
    input.run(2)
    input.send(.measure(seconds: 20))
    for _ in 0..<160 {
      input.isPlaying.toggle()
      input.run(input.isPlaying ? 0.1 : 0.4)
    }
    #expect(failure(input)?.contains("too little audio") == true)
  }

  @Test func aMeasurementThatNobodyWaitsForIsEnded() {
    let input = SteppedInput(rate: 48_000)
    input.run(2)
    input.send(.measure(seconds: 5))
    input.run(1)
    input.send(.endMeasurement)
    input.run(20)
    #expect(!input.events.contains { if case .measured = $0 { true } else { false } })
    #expect(failure(input) == nil)
  }

  @Test func aMeasurementThatIsHeardOutHasALoudness() {
    let input = SteppedInput(rate: 48_000)
    input.source.sample = { frame, _ in frame % 96 < 48 ? 0.5 : -0.5 }
    input.run(2)
    input.send(.measure(seconds: 5))
    input.run(5.1)
    let loudness = input.events.compactMap { if case .measured(let value) = $0 { value?.loudness } else { nil } }
    #expect(loudness.count == 1 && abs(loudness[0] + 6) < 2, "\(loudness)")
  }

  @Test func whatIsWrongWithTheAudioIsTold() {
    let input = SteppedInput()
    input.source.sample = { frame, _ in frame % 2 == 0 ? 20_000 : -20_000 }
    input.run(2)
    #expect(input.counters.conditions.contains(.outOfRange))
    #expect(input.estimates.allSatisfy { $0.estimate.level == -120 && $0.estimate.values == nil })
    input.source.sample = { frame, _ in frame % 2 == 0 ? 0.6 : 0.4 }
    input.run(4)
    #expect(!input.counters.conditions.contains(.outOfRange))
    #expect(input.estimates.last?.estimate.values != nil)
  }

  @Test func whatIsTheMatterWithTheAudioIsOverWhenThereIsNone() {
    let input = SteppedInput()
    // Cut off at full scale.
    input.source.sample = { frame, _ in frame % 40 < 20 ? 1 : -1 }
    input.run(3)
    #expect(input.counters.conditions == .clipping)
    #expect(input.estimates.last?.estimate.conditions == .clipping)
    input.isPlaying = false
    input.run(2)
    #expect(input.estimates.last?.estimate.state == .stalled)
    #expect(input.estimates.last?.estimate.conditions == [])
    #expect(input.counters.conditions == [])
  }

  @Test func stoppingEndsIt() {
    let input = SteppedInput()
    input.run(1)
    input.send(.stop)
    input.run(1)
    #expect(input.hasEnded)
    #expect(input.states.last?.state == .stopping)
  }
}
