import Affect
import AudioInput
import Glibc
import Platform
import TestSupport
import Testing

/// What the capture thread does with a source, stepped by a clock that the test moves.
@Suite struct CaptureLoopTests {
  private struct Rig {
    let clock = ManualClock()
    let source: ScriptedSource
    let capture: Capture
    let loop: CaptureLoop

    init(_ pace: AudioPace, channels: Int = 1) throws {
      source = ScriptedSource(pace: pace, rate: 48_000, channels: channels)
      let reader = try MonoReader(source, channel: .average)
      capture = Capture(reader)
      loop = CaptureLoop(reader, capture, clock: clock)
    }

    func blocks() -> [AudioBlock] {
      var samples = [Float](repeating: 0, count: capture.blockLength)
      var blocks: [AudioBlock] = []
      while let block = capture.ring.read(into: &samples) { blocks.append(block) }
      return blocks
    }
  }

  @Test func aBlockSaysWhereItIsAndWhenItCame() throws {
    let rig = try Rig(.device)
    rig.source.available = 300
    #expect(rig.loop.step())
    rig.clock.advance(by: 0.005)
    rig.source.overrunCount = 3
    #expect(rig.loop.step())
    #expect(rig.loop.step())
    rig.source.available = 240
    rig.clock.advance(by: 0.005)
    #expect(rig.loop.step())
    let blocks = rig.blocks()
    #expect(blocks.map(\.start) == [0, 240, 300])
    #expect(blocks.map(\.count) == [240, 60, 240])
    #expect(blocks.map { Int((($0.arrival - 100) * 1000).rounded()) } == [0, 5, 10])
    #expect(blocks.map { Int(($0.wall - $0.arrival).rounded()) } == [1_000_000, 1_000_000, 1_000_000])
    #expect(blocks.map(\.overruns) == [0, 3, 3])
    // The second was there already when the first was read.
    #expect(blocks.map(\.isFresh) == [true, false, true])
  }

  @Test func anEndAndAFailureEndTheCapture() throws {
    let ending = try Rig(.realTime)
    ending.source.hasEnded = true
    #expect(!ending.loop.step())
    #expect(ending.capture.end != nil && ending.capture.end?.error == nil)

    let failing = try Rig(.device)
    failing.source.failure = Failure(.deviceLost, "gone")
    #expect(!failing.loop.step())
    #expect(failing.capture.end?.error?.code == .deviceLost)

    let stopped = try Rig(.device)
    #expect(stopped.capture.end == nil)
    stopped.capture.stop()
    #expect(!stopped.loop.step())
    #expect(stopped.capture.end != nil)
  }

  /// ALSA's `null` always has data. It must not keep a core busy.
  @Test func aDeviceThatAlwaysHasDataIsHeldBack() throws {
    let rig = try Rig(.device)
    rig.source.available = .max
    let start = rig.clock.now
    for _ in 0..<4000 {
      #expect(rig.loop.step())
      _ = rig.blocks()
    }
    // 20 s of audio, of which a second may come at once.
    let seconds = rig.clock.now - start
    #expect(seconds > 18 && seconds < 20)
  }

  @Test func aDeviceIsNotHeldBack() throws {
    let rig = try Rig(.device)
    for _ in 0..<6000 {
      rig.clock.advance(by: 0.01)
      // A card that runs fast by more than any does.
      rig.source.available += 481
      let before = rig.clock.now
      while rig.source.available > 0 { _ = rig.loop.step() }
      #expect(rig.clock.now == before)
      _ = rig.blocks()
    }
  }

  @Test func aFileIsReadInRealTime() throws {
    let rig = try Rig(.realTime)
    rig.source.available = .max
    let start = rig.clock.now
    for _ in 0..<2000 {
      #expect(rig.loop.step())
      _ = rig.blocks()
    }
    #expect(abs(rig.clock.now - start - 9.995) < 1e-6)
  }

  @Test func aReaderThatIsALittleLateCatchesUp() throws {
    let rig = try Rig(.realTime)
    rig.source.available = .max
    for _ in 0..<200 { _ = rig.loop.step() }
    rig.clock.advance(by: 0.4)
    let start = rig.clock.now
    for _ in 0..<80 { _ = rig.loop.step() }
    #expect(rig.clock.now == start)
    for _ in 0..<20 { _ = rig.loop.step() }
    #expect(rig.clock.now > start)
  }

  @Test(arguments: [AudioPace.realTime, .realTimeOrFaster])
  func aReaderThatIsLateByMoreBeginsItsPaceAnew(pace: AudioPace) throws {
    let rig = try Rig(pace)
    rig.source.available = .max
    for _ in 0..<200 { _ = rig.loop.step() }
    rig.clock.advance(by: 10)
    let start = rig.clock.now
    for _ in 0..<401 { _ = rig.loop.step() }
    #expect(abs(rig.clock.now - start - 2) < 0.01)
  }
}

@Suite struct SignalConditionTests {
  /// The conditions that a source has, and the loudest sample that is left.
  private func conditions(
    channels: Int = 2, seconds: Int = 3, selection: ChannelSelection = .average,
    readLength: Double = MonoReader.readLength, _ sample: @escaping (Int, Int) -> Float
  ) throws -> (last: InputConditions, warnings: [String], peak: Float, reader: MonoReader) {
    let source = ScriptedSource(pace: .realTime, channels: channels, sample: sample)
    source.available = seconds * 1000
    source.hasEnded = true
    let reader = try MonoReader(source, channel: selection, readLength: readLength)
    var peak: Float = 0
    try reader.readAll { block in
      for index in block.indices { peak = max(peak, abs(block[index])) }
    }
    return (reader.conditions, reader.conditionWarnings, peak, reader)
  }

  /// What makes a stream absurd is counted over 10 ms, however much a read brings: it follows the hop.
  @Test(arguments: [0.001, 0.0025, 0.005, 0.01])
  func theLengthOfAReadDoesNotDecideWhatIsAbsurd(readLength: Double) throws {
    for (absurd, expected) in [(1, InputConditions()), (2, .outOfRange)] {
      let result = try conditions(channels: 1, readLength: readLength) { frame, _ in
        frame % 10 < absurd ? 1000 : wave(frame)
      }
      #expect(result.reader.pastConditions == expected)
    }
  }

  private func wave(_ frame: Int) -> Float { frame % 2 == 0 ? 0.5 : -0.5 }

  @Test func channelsThatCancelAreTold() throws {
    let cancelled = try conditions { frame, channel in channel == 0 ? wave(frame) : -wave(frame) }
    #expect(cancelled.last == .channelsCancel)
    #expect(cancelled.warnings.count == 1 && cancelled.warnings[0].contains("--channel left"))
    #expect(cancelled.peak == 0)
  }

  @Test func whatDoesNotCancelIsNotTold() throws {
    #expect(try conditions { frame, _ in wave(frame) }.last == [])
    #expect(try conditions { frame, channel in channel == 0 ? wave(frame) : 0 }.last == [])
    #expect(try conditions { frame, channel in channel == 0 ? wave(frame) : -0.8 * wave(frame) }.last == [])
    #expect(try conditions { _, _ in 0 }.last == [])
    #expect(try conditions(channels: 1) { frame, _ in wave(frame) }.last == [])
    let left = try conditions(selection: .channel(1)) { frame, channel in channel == 0 ? wave(frame) : -wave(frame) }
    #expect(left.last == [] && left.peak == 0.5)
  }

  @Test func aPauseChangesNothingAndMusicThatDoesNotCancelDoes() throws {
    let after = try conditions(seconds: 6) { frame, channel in
      if frame < 2000 { return channel == 0 ? wave(frame) : -wave(frame) }
      return frame < 4000 ? 0 : wave(frame)
    }
    #expect(after.last == [])
    #expect(after.warnings.count == 1)
  }

  /// 16-bit numbers that were never scaled.
  @Test func audioFarBeyondFullScaleIsNoSignal() throws {
    let absurd = try conditions { frame, _ in 32_768 * wave(frame) }
    #expect(absurd.last == .outOfRange)
    #expect(absurd.peak == 0)
    #expect(absurd.warnings.count == 1 && absurd.warnings[0].contains("between -1 and 1"))
  }

  @Test func aClickIsNothing() throws {
    let click = try conditions { frame, _ in frame == 100 ? 1e9 : wave(frame) }
    #expect(click.last == [] && click.peak == 0.5)
    #expect(click.reader.invalidSampleCount == 2)
  }

  @Test func hotAudioIsAudio() throws {
    let hot = try conditions { frame, _ in 8 * wave(frame) }
    #expect(hot.last == [] && hot.peak == 4)
  }

  @Test func flatTopsAtFullScaleAreClipping() throws {
    // A sine 6 dB too loud, cut off; and the same as floats, which go beyond full scale.
    func sine(_ frame: Int) -> Float { 2 * Float(sin(0.07 * Double(frame))) }
    let clipped = try conditions { frame, _ in min(max(sine(frame), -1), 1) }
    #expect(clipped.last == .clipping)
    #expect(clipped.warnings == ["the input clips: turn down what comes before it, a calibration cannot mend that"])
    #expect(try conditions { frame, _ in sine(frame) }.last == [])
    // A test tone at full scale.
    #expect(try conditions { frame, _ in 0.5 * sine(frame) }.last == [])
    // One channel is enough, and the chosen channel is the one that counts.
    #expect(try conditions { frame, channel in channel == 0 ? 0.2 : min(max(sine(frame), -1), 1) }.last == .clipping)
    let left = try conditions(selection: .channel(1)) { frame, channel in
      channel == 0 ? 0.2 * wave(frame) : min(max(sine(frame), -1), 1)
    }
    #expect(left.last == [])
  }

  @Test func clippingIsOverAfterFiveCleanSeconds() throws {
    func sound(_ frame: Int) -> Float {
      let sine = 2 * Float(sin(0.07 * Double(frame)))
      return frame < 2000 ? min(max(sine, -1), 1) : 0.3 * sine
    }
    #expect(try conditions(seconds: 6) { frame, _ in sound(frame) }.last == .clipping)
    let after = try conditions(seconds: 7) { frame, _ in sound(frame) }
    #expect(after.last == [] && after.warnings.count == 1)
  }

  @Test func aSilentChannelBesideALoudOneIsDead() throws {
    func sound(_ frame: Int, _ channel: Int) -> Float { channel == 0 ? wave(frame) : 0.001 * wave(frame) }
    #expect(try conditions(seconds: 4, sound).last == [])
    let dead = try conditions(seconds: 5, sound)
    #expect(dead.last == .deadChannel && dead.warnings.count == 1 && dead.warnings[0].contains("cable"))
    // One that plays along now and then is not.
    let resting = try conditions(seconds: 12) { frame, channel in
      channel == 1 && frame / 1000 % 4 != 3 ? 0 : wave(frame)
    }
    #expect(resting.last == [])
    let back = try conditions(seconds: 7) { frame, channel in frame < 6000 ? sound(frame, channel) : wave(frame) }
    #expect(back.last == [])
    // Nor is a whole line that is silent, or a channel that was not chosen.
    #expect(try conditions(seconds: 8) { _, _ in 0 }.last == [])
    #expect(try conditions(seconds: 8, selection: .channel(1), sound).last == [])
  }
}
