import Affect
import Glibc
import NIOCore
import NIOEmbedded
import NIOPosix
import Platform
import Publishing
import Synchronization
import TestSupport
import Testing

/// What outputs share.
@Suite struct OutputTests {
  private func values(_ valence: Float, level: Float = -30, isActive: Bool = true) -> UnitValues {
    UnitValues(affect: Affect(valence: valence, arousal: 0), confidence: 0.5, level: level, isActive: isActive)
  }

  @Test(arguments: [(-200, 0), (-60, 0), (-45, 0.25), (-30, 0.5), (0, 1), (3, 1)] as [(Float, Float)])
  func theLevelIsTakenBetweenSilenceAndFullScale(_ level: Float, _ expected: Float) {
    #expect(values(0, level: level).unit(.level, MoodColor(red: 0, green: 0, blue: 0)) == expected)
  }

  @Test func everyValueLiesBetweenZeroAndOne() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<2000 {
      let values = UnitValues(
        affect: Affect(
          valence: .random(in: -1...1, using: &generator), arousal: .random(in: -1...1, using: &generator)),
        confidence: .random(in: -0.1...1.1, using: &generator), level: .random(in: -140...6, using: &generator),
        isActive: .random(using: &generator))
      let color = values.color(.standard)
      for value in UnitValue.allCases { #expect((0...1).contains(values.unit(value, color)), "\(value) \(values)") }
    }
  }

  @Test func aConfidenceThatIsNotThereStaysAsItWas() {
    let affect = Affect(valence: 0, arousal: 0)
    let known = AffectEstimate(
      tick: 1, audioTime: 1, values: .init(smoothed: affect, raw: affect, confidence: 0.75), level: -20,
      state: .tracking)
    let held = AffectEstimate(
      tick: 2, audioTime: 2, values: .init(smoothed: affect, raw: nil), level: -90, state: .silent)
    let first = UnitValues(known, affect: affect, after: nil)
    #expect(first.confidence == 0.75 && first.isActive)
    let second = UnitValues(held, affect: affect, after: first)
    #expect(second.confidence == 0.75 && !second.isActive && second.level == -90)
    #expect(UnitValues(held, affect: affect, after: nil).confidence == 0)
  }

  @Test func aRampGoesFromTickToTick() {
    var ramp = ValueRamp(values(0), now: 10)
    #expect(!ramp.isMoving(now: 10) && ramp.values(now: 11) == values(0))
    ramp.lead(to: values(1, isActive: false), now: 10.5)
    #expect(ramp.isMoving(now: 10.5))
    #expect(ramp.values(now: 10.5).affect.valence == 0)
    #expect(ramp.values(now: 10.75).affect.valence == 0.5)
    // What is not a number does not wait.
    #expect(!ramp.values(now: 10.6).isActive)
    // From where it is.
    ramp.lead(to: values(-1), now: 10.75)
    #expect(ramp.values(now: 10.75).affect.valence == 0.5)
    #expect(ramp.values(now: 10.875).affect.valence == -0.25)
    #expect(ramp.values(now: 11) == values(-1) && !ramp.isMoving(now: 11))
    // After a long pause, not for as long.
    ramp.lead(to: values(1), now: 100)
    #expect(ramp.values(now: 100.5).affect.valence == 0 && ramp.values(now: 101) == values(1))
    ramp.lead(to: values(0), now: 101, atOnce: true)
    #expect(ramp.values(now: 101) == values(0))
    // A clock that goes back moves nothing.
    ramp.lead(to: values(1), now: 100)
    #expect(ramp.values(now: 100) == values(1))
  }

  @Test func aPacerSendsWhatIsNewAtOnce() {
    var pacer = FramePacer()
    var sent: [Double] = []
    for step in 0..<1000 {
      let now = Double(step) / 100
      if pacer.isDue([step < 500 ? 1 : 2], now: now) { sent.append(now) }
    }
    #expect(Array(sent.prefix(4)) == [0, 0.01, 0.02, 0.03])
    #expect(sent.contains(5) && sent.contains(5.03))
    let pauses = zip(sent, sent.dropFirst()).map { $1 - $0 }
    #expect((pauses.max() ?? 9) <= 0.861, "\(pauses)")
    #expect(sent.count < 25)
  }

  @Test func aRateLeavesTicksOut() {
    var rate = TickRate(2)
    let due = (0..<40).filter { rate.isDue(.sample($0)) }
    #expect(due == Array(stride(from: 0, to: 40, by: 2)))
    // A new state is told at once, whatever the rate is.
    #expect(rate.isDue(.sample(40, state: .silent)) && !rate.isDue(.sample(41, state: .silent)))
    var all = TickRate(nil)
    #expect((0..<9).allSatisfy { all.isDue(.sample($0)) })
  }

  @Test func aMailboxKeepsTheNewestMessage() {
    let box = Mailbox<Int>()
    #expect(box.take() == nil)
    #expect(!box.put(1) && box.put(2) && box.put(3))
    #expect(box.take() == 3 && box.take() == nil)
    #expect(!box.put(4))
    box.close()
    #expect(box.isClosed && box.take() == 4 && box.take() == nil)
    // It can be waited for: a closed one at once.
    box.wait(1000)
  }

  @Test func aMailboxWakesWhoWaits() {
    let (box, taken) = (Mailbox<Int>(), Locked<[Int]>([]))
    startThread(name: "taker") {
      while !box.isClosed {
        box.wait(1000)
        if let message = box.take() { taken.withValue { $0.append(message) } }
      }
      taken.withValue { $0.append(-1) }
    }
    for number in 1...200 {
      _ = box.put(number)
      taken.withValue(when: { $0.last == number }, do: { _ in })
    }
    box.close()
    #expect(taken.withValue(when: { $0.last == -1 }, do: { $0 }) == Array(1...200) + [-1])
  }
}

/// Control changes, byte by byte.
@Suite struct MIDITests {
  private func encoder(_ bits: MIDIDestination.Resolution, channel: Int = 1, _ controls: [Int: UnitValue])
    -> MIDIEncoder
  {
    var destination = MIDIDestination(controls: controls)
    destination.resolution = bits
    destination.channel = channel
    return MIDIEncoder(destination)
  }

  private func values(_ valence: Float, _ arousal: Float = -1) -> UnitValues {
    UnitValues(affect: Affect(valence: valence, arousal: arousal))
  }

  @Test func sevenBitsAreOneMessage() {
    var encoder = encoder(.sevenBits, [20: .valence, 119: .arousal, 0: .active])
    #expect(encoder.messages(values(-1, 1)) == [[0xB0, 0, 0], [0xB0, 20, 0], [0xB0, 119, 127]])
    #expect(encoder.messages(values(-1, 1)) == [])
    #expect(encoder.messages(values(0, 1)) == [[0xB0, 20, 64]])
    // Less than a step is no change.
    #expect(encoder.messages(values(0.002, 1)) == [])
    #expect(encoder.messages(values(1, 1)) == [[0xB0, 20, 127]])
  }

  @Test func fourteenBitsAreTwoMessagesTheUpperOnesFirst() {
    var encoder = encoder(.fourteenBits, channel: 16, [1: .valence])
    #expect(encoder.messages(values(-1)) == [[0xBF, 1, 0], [0xBF, 33, 0]])
    // 8192 of 16383 (rounded): 64 × 128.
    #expect(encoder.messages(values(0)) == [[0xBF, 1, 64], [0xBF, 33, 0]])
    // The lower bits alone.
    #expect(encoder.messages(values(0.001)) == [[0xBF, 33, 8]])
    #expect(encoder.messages(values(0.001)) == [])
    // The upper bits set the lower ones to 0 at the receiver: they are told again even if they are the same.
    #expect(encoder.messages(values(1)) == [[0xBF, 1, 127], [0xBF, 33, 127]])
  }

  @Test func aReceiverThatListensHasTheValueAtEveryStep() {
    var encoder = encoder(.fourteenBits, [3: .valence])
    var (coarse, fine) = (0, 0)
    for step in -500...500 {
      let valence = Float(step) / 500
      for message in encoder.messages(values(valence)) {
        #expect(message.count == 3 && message.dropFirst().allSatisfy { $0 < 128 })
        if message[1] == 3 { (coarse, fine) = (Int(message[2]), 0) } else { fine = Int(message[2]) }
      }
      #expect(coarse * 128 + fine == Int((Double(Affect.unit(valence)) * 16_383).rounded()))
    }
  }

  /// This machine has no sequencer as a rule; where it has one, nothing is wrong.
  @Test func withoutASequencerThereIsAClearMessage() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let remarks = Locked<[String]>([])
    let sender = try await loop.submit {
      NIOLoopBound(
        MIDISender(
          MIDIDestination(controls: [1: .valence]), replacing: nil,
          OutputSurroundings(loop: loop) { remark in remarks.withValue { $0.append(remark.text) } }), eventLoop: loop)
    }.get()
    guard access("/dev/snd/seq", F_OK) != 0 else {
      try await loop.submit { sender.value.close(replacedBy: nil) }.get()
      return
    }
    let message = remarks.withValue(when: { !$0.isEmpty }, do: { $0[0] })
    #expect(
      message
        == "MIDI: the ALSA sequencer cannot be opened: No such file or directory; the kernel's module is loaded by: "
        + "modprobe snd-seq; going on trying")
    try await loop.submit {
      sender.value.send(PublishedTick(.sample(1), unixTime: 0))
      #expect(!sender.value.status.isUp && sender.value.status.problem?.contains("sequencer") == true)
      sender.value.close(replacedBy: nil)
    }.get()
  }
}
