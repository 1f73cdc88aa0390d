import AudioInput
import Platform
import TestSupport
import Testing
import Tracking

/// Where audio lies in time, in milliseconds, without a clock. Blocks are 10 ms long, and the wall is 1,000 s ahead.
@Suite struct StreamClockTests {
  private static let rate = 48_000

  /// A clock, and the source that it hears of.
  private struct Stream {
    var clock = StreamClock(now: 100, wall: 1100)
    var now = 100.0
    var given = 0
    var overruns = 0

    init(pace: AudioPace = .device) {
      clock.opened(rate: rate, pace: pace, at: now)
    }

    /// The next block after `pause` seconds.
    mutating func block(after pause: Double = 0.01, isFresh: Bool = true, frames: Int = 480) -> StreamClock.Verdict {
      now += pause
      var block = AudioBlock()
      block.start = given
      block.count = frames
      block.arrival = now
      block.wall = now + 1000
      block.overruns = overruns
      block.isFresh = isFresh
      given += frames
      return clock.received(block)
    }

    mutating func play(_ seconds: Double) {
      for _ in 0..<Int((seconds * 100).rounded()) { _ = block() }
    }

    /// Nothing comes, looked at every 10 ms. Returns when the device was given up, seconds from here.
    mutating func silence(_ seconds: Double) -> Double? {
      let start = now
      for _ in 0..<Int((seconds * 100).rounded()) {
        now += 0.01
        if clock.passed(now) { return now - start }
      }
      return nil
    }
  }

  /// A macro cannot change a value: the verdict comes as an argument.
  private func expect(
    _ verdict: StreamClock.Verdict, _ expected: StreamClock.Verdict, location: SourceLocation = #_sourceLocation
  ) {
    #expect(verdict == expected, sourceLocation: location)
  }

  private func expectNotGivenUp(_ time: Double?, location: SourceLocation = #_sourceLocation) {
    #expect(time == nil, sourceLocation: location)
  }

  private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

  @Test func theFirstAudioIsAtZero() {
    var stream = Stream()
    #expect(stream.clock.input == .open)
    expect(stream.block(after: 0.3), .begin(origin: 0, gap: 0))
    expect(stream.block(), .take(missing: 0))
    #expect(milliseconds(stream.clock.end) == 20)
    #expect(milliseconds(stream.clock.unixTime(ofAudioTime: 0.02)) == milliseconds(stream.now + 1000))
  }

  @Test func timeThatHasBegunWithoutAudioGoesOn() {
    var stream = Stream()
    expectNotGivenUp(stream.silence(1))
    #expect(stream.clock.input == .stalled)
    let idle = stream.clock.idle(at: stream.now)
    #expect(milliseconds(idle) == 1000)
    expectNotGivenUp(stream.silence(1.4))
    // The card gives its first 10 ms after 2.4 s: they began at 2.4 s.
    guard case .begin(let origin, let gap) = stream.block() else {
      Issue.record("no stream begins")
      return
    }
    #expect(milliseconds(origin) == 2400)
    #expect(gap == 0)
    #expect(stream.clock.input == .open)
    #expect(milliseconds(stream.clock.unixTime(ofAudioTime: 0)) == 1_100_000)
  }

  @Test func aDeviceStallsAfterASecondAndIsGivenUpAfterThree() {
    var stream = Stream()
    stream.play(1)
    expectNotGivenUp(stream.silence(0.99))
    #expect(stream.clock.input == .open)
    expectNotGivenUp(stream.silence(0.01))
    #expect(stream.clock.input == .stalled)
    let time = stream.silence(10)
    #expect(time.map(milliseconds) == 2000)
  }

  @Test func aStallThatEndsIsAGapOfItsLengthAndWhatWasKeptIsDropped() {
    var stream = Stream()
    stream.play(2)
    expectNotGivenUp(stream.silence(1.5))
    // A second of the past at once, and then as it comes.
    for _ in 0..<100 { expect(stream.block(after: 0, isFresh: false), .drop) }
    #expect(stream.clock.input == .stalled)
    expect(stream.block(), .take(missing: 48 * 1500))
    #expect(stream.clock.input == .open)
    #expect(milliseconds(stream.clock.end) == 3510)
    expect(stream.block(), .take(missing: 0))
  }

  @Test func aDeviceThatNeverWaitsIsHeardAgainAllTheSame() {
    var stream = Stream()
    stream.play(1)
    expectNotGivenUp(stream.silence(2))
    var dropped = 0
    while stream.block(after: 0, isFresh: false) == .drop { dropped += 1 }
    // No more than what it can have kept.
    #expect(dropped == 200)
    expect(stream.block(isFresh: false), .take(missing: 0))
  }

  @Test(arguments: [0.02, 0.3, 2.5])
  func anOverrunIsAGapOfWhatIsMissing(pause: Double) {
    var stream = Stream()
    stream.play(5)
    stream.overruns = 1
    expect(stream.block(after: pause), .take(missing: 48 * milliseconds(pause - 0.01)))
    #expect(milliseconds(stream.clock.end) == 5000 + milliseconds(pause))
    expect(stream.block(), .take(missing: 0))
  }

  @Test func whatAnOverrunTookAlongCountsToo() {
    var stream = Stream()
    stream.play(5)
    // Nobody read for 0.4 s, then 0.2 s of that came, and then the rest was lost.
    stream.now += 0.39
    for _ in 0..<20 { _ = stream.block(after: 0.0005, isFresh: false) }
    stream.overruns = 1
    guard case .take(let missing) = stream.block(after: 0.05) else {
      Issue.record("the stream does not go on")
      return
    }
    // 0.45 s have passed, of which 0.21 came. The anchor has moved a little with the late blocks.
    #expect(abs(milliseconds(Double(missing) / 48_000) - 240) < 10)
  }

  @Test func whatFoundNoRoomIsMissingToTheFrame() {
    var stream = Stream()
    stream.play(1)
    stream.given += 4800
    expect(stream.block(after: 0.11), .take(missing: 4800))
  }

  @Test func aLongGapBeginsANewStreamAtItsPlace() {
    var stream = Stream()
    stream.play(5)
    stream.overruns = 1
    guard case .begin(let origin, let gap) = stream.block(after: 10.01) else {
      Issue.record("no stream begins")
      return
    }
    #expect(milliseconds(origin) == 15_000)
    #expect(milliseconds(gap) == 10_000)
  }

  @Test func aDeviceThatComesBackGoesOnInItsPlace() {
    var stream = Stream()
    stream.play(5)
    stream.clock.lost()
    #expect(stream.clock.input == .lost)
    stream.now += 20
    let idle = stream.clock.idle(at: stream.now)
    #expect(milliseconds(idle) == 25_000)
    stream.clock.opened(rate: 44_100, pace: .device, at: stream.now)
    (stream.given, stream.overruns) = (0, 0)
    guard case .begin(let origin, let gap) = stream.block(frames: 441) else {
      Issue.record("no stream begins")
      return
    }
    #expect(milliseconds(origin) == 25_000)
    #expect(milliseconds(gap) == 20_000)
    #expect(milliseconds(stream.clock.end) == 25_010)
  }

  @Test func aPipeThatPausesStallsAndIsNeverGivenUp() {
    var stream = Stream(pace: .realTimeOrFaster)
    stream.play(5)
    expectNotGivenUp(stream.silence(100))
    #expect(stream.clock.input == .stalled)
    guard case .begin(_, let gap) = stream.block(isFresh: false) else {
      Issue.record("no stream begins")
      return
    }
    #expect(milliseconds(gap) == 100_000)
    #expect(milliseconds(stream.clock.unixTime(ofAudioTime: stream.clock.end)) == milliseconds(stream.now + 1000))
  }

  @Test func aPipeThatPausesForAMomentLosesNothing() {
    var stream = Stream(pace: .realTimeOrFaster)
    stream.play(5)
    expectNotGivenUp(stream.silence(0.8))
    expect(stream.block(), .take(missing: 0))
  }

  @Test func aFileNeverStalls() {
    var stream = Stream(pace: .realTime)
    stream.play(1)
    expectNotGivenUp(stream.silence(1000))
    #expect(stream.clock.input == .open)
    expect(stream.block(), .take(missing: 0))
  }

  /// The process was stopped, or the machine slept: nobody has looked, so nothing is known of the device.
  @Test func timeInWhichNobodyLookedDoesNotCount() {
    var stream = Stream()
    stream.play(5)
    stream.now += 3600
    let isGivenUp = stream.clock.passed(stream.now)
    #expect(!isGivenUp && stream.clock.input == .open)
    expect(stream.block(after: 0, isFresh: false), .drop)
    guard case .begin(let origin, let gap) = stream.block() else {
      Issue.record("no stream begins")
      return
    }
    #expect(milliseconds(origin) == 3_605_000)
    #expect(milliseconds(gap) == 3_600_000)
  }

  @Test func aWallClockThatIsSetIsFollowedAtOnceAndTheAudioTimeStays() {
    var stream = Stream()
    stream.play(5)
    stream.clock.looked(now: stream.now, wall: stream.now + 5000)
    #expect(milliseconds(stream.clock.unixTime(ofAudioTime: 5)) == 5_105_000)
    #expect(milliseconds(stream.clock.audioTime(at: stream.now)) == 5000)
  }

  /// Pauses of all kinds: the audio time goes up and never stands still, and the wall-clock times go up with it.
  @Test(arguments: 0..<50)
  func timesNeverRunBackwards(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed + 1))
    var stream = Stream(pace: seed % 2 == 0 ? .device : .realTimeOrFaster)
    var (end, unix) = (0.0, 0.0)
    for _ in 0..<2000 {
      switch Int.random(in: 0..<40, using: &generator) {
      case 0:
        stream.overruns += 1
        _ = stream.block(after: Double.random(in: 0...4, using: &generator))
      case 1: _ = stream.silence(Double.random(in: 0...2.9, using: &generator))
      case 2: stream.given += Int.random(in: 0...9600, using: &generator)
      default: _ = stream.block(isFresh: Bool.random(using: &generator))
      }
      #expect(stream.clock.end >= end)
      end = stream.clock.end
      let time = stream.clock.unixTime(ofAudioTime: end)
      #expect(time >= unix - 1e-6)
      unix = time
    }
  }
}
