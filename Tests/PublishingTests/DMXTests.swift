import Affect
import NIOCore
import NIOEmbedded
import Platform
import Publishing
import TestSupport
import Testing

/// Universes over sACN and Art-Net, byte by byte.
@Suite struct DMXTests {
  private let loop = EmbeddedEventLoop()
  private let receiver: PacketReceiver
  private static let component = ComponentIdentifier((0..<16).map { UInt8($0) })

  init() throws {
    receiver = try PacketReceiver()
  }

  private func destination(
    _ channels: [Int: DMXDestination.Channel], _ networkProtocol: DMXDestination.NetworkProtocol = .sacn
  ) -> DMXDestination {
    var destination = DMXDestination(
      name: "stage", networkProtocol, universe: 0x0102, host: "127.0.0.1", channels: channels)
    destination.port = receiver.port
    return destination
  }

  private func sender(_ destination: DMXDestination, replacing old: DMXSender? = nil) -> DMXSender {
    DMXSender(
      destination, replacing: old,
      OutputSurroundings(loop: loop, component: Self.component) { _ in })
  }

  private func tick(_ number: Int, _ affect: Affect?, state: TrackerState = .tracking) -> PublishedTick {
    PublishedTick(.sample(number, affect, state: state), unixTime: 1e9)
  }

  /// What comes while so much time goes by.
  private func packets(_ time: TimeAmount) -> [[UInt8]] {
    var packets: [[UInt8]] = []
    // In steps: a socket's buffer does not hold everything.
    let steps = max(1, time.nanoseconds / 500_000_000)
    for _ in 0..<steps {
      loop.advanceTime(by: .nanoseconds(time.nanoseconds / steps))
      packets += receiver.allWaiting()
    }
    return packets
  }

  private let high = Affect(valence: 1, arousal: 1)

  // MARK: - Packets

  @Test func aDataPacketOfSACNHasTheBytesOfTheStandard() throws {
    var destination = self.destination([1: .value(.valence), 512: .fixed(7)])
    destination.priority = 150
    let sender = self.sender(destination)
    sender.send(tick(1, high))
    loop.run()
    let packet = try #require(receiver.next())
    var expected: [UInt8] = [0x00, 0x10, 0x00, 0x00] + Array("ASC-E1.17".utf8) + [0, 0, 0]
    expected += [0x72, 0x6E, 0, 0, 0, 4]
    // The component, with the marks of a random UUID.
    expected += [0, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15]
    expected += [0x72, 0x58, 0, 0, 0, 2] + Array("affectd stage".utf8) + [UInt8](repeating: 0, count: 51)
    expected += [150, 0, 0, 1, 0, 0x01, 0x02]
    expected += [0x72, 0x0B, 0x02, 0xA1, 0, 0, 0, 1, 0x02, 0x01, 0]
    expected += [255] + [UInt8](repeating: 0, count: 510) + [7]
    #expect(packet.count == 638)
    #expect(packet == expected)
  }

  @Test func aPacketOfArtNetHasTheBytesOfTheStandard() throws {
    let sender = self.sender(self.destination([2: .value(.arousal)], .artnet))
    sender.send(tick(1, high))
    loop.run()
    let packet = try #require(receiver.next())
    let head = Array("Art-Net".utf8) + [0, 0x00, 0x50, 0, 14, 1, 0, 0x02, 0x01, 0x02, 0x00]
    #expect(packet == head + [0, 255] + [UInt8](repeating: 0, count: 510))
  }

  @Test(arguments: [(1, "239.255.0.1"), (258, "239.255.1.2"), (63_999, "239.255.249.255")])
  func aUniverseWithoutAHostHasItsMulticastGroup(_ universe: Int, _ group: String) {
    let destination = DMXDestination(name: "a", .sacn, universe: universe, channels: [:])
    #expect(destination.endpoint == HostEndpoint(host: group, port: 5568))
    #expect(DMXDestination(name: "a", .artnet, universe: 0, host: "h", channels: [:]).endpoint.port == 6454)
  }

  @Test(arguments: [0, 1, 100, 62, 63, 64, 200])
  func aSourceNameOfAnyLengthHasRoom(_ length: Int) {
    // Two bytes each: none is cut in half.
    let name = String(repeating: "é", count: length)
    let bytes = SACNPacket(component: Self.component, sourceName: name, priority: 100, universe: 1)
      .encoded([UInt8](repeating: 0, count: 512), sequence: 0)
    #expect(bytes.count == 638 && bytes[107] == 0)
    let told = String(decoding: bytes[44..<108].prefix { $0 != 0 }, as: UTF8.self)
    #expect(told == String(repeating: "é", count: min(length, 31)))
  }

  /// As it is read from the file in which it is kept, whatever that holds.
  @Test func anIdentifierIsThirtyTwoDigitsOrNothing() {
    #expect(ComponentIdentifier("000102030405460788090A0b0c0d0e0f") == Self.component)
    var generator = SeededGenerator(seed: 3)
    let bytes = Array("0123456789abcdefABCDEF+- gz\u{0}é".utf8)
    var found = 0
    for _ in 0..<1_000_000 {
      let length = Int.random(in: 0..<4, using: &generator) == 0 ? 32 : Int.random(in: 0...40, using: &generator)
      let kinds = Bool.random(using: &generator) ? 22 : bytes.count
      let text = String(
        decoding: (0..<length).map { _ in bytes[Int.random(in: 0..<kinds, using: &generator)] }, as: UTF8.self)
      let isHexadecimal = text.utf8.count == 32 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
      let isFound = ComponentIdentifier(text) != nil
      if isFound { found += 1 }
      if isFound != isHexadecimal { Issue.record("\(text)") }
    }
    #expect(found > 100_000)
  }

  // MARK: - Channels

  @Test func channelsFollowTheirValues() throws {
    let values: [(UnitValue, UInt8)] = [
      (.valence, 191), (.arousal, 64), (.confidence, 127), (.level, 127), (.active, 255), (.colorRed, 255),
      (.colorGreen, 127), (.colorBlue, 0), (.colorHue, 21), (.colorSaturation, 255),
    ]
    var channels: [Int: DMXDestination.Channel] = [20: .fixed(200), 21: .fine(.valence)]
    for (index, value) in values.enumerated() { channels[index + 1] = .value(value.0) }
    let sender = self.sender(destination(channels))
    let affect = Affect(valence: 0.5, arousal: -0.5)
    let estimate = AffectEstimate(
      tick: 1, audioTime: 1, values: .init(smoothed: affect, raw: affect, confidence: 0.499), level: -30.1,
      state: .tracking)
    let palette = MoodPalette([MoodPalette.Point(.neutral, MoodColor(red: 1, green: 0.499, blue: 0))])
    sender.send(PublishedTick(estimate, unixTime: 0, palette: palette))
    loop.run()
    let frame = try #require(receiver.next())[126...]
    // The upper byte of 16 bits: each of the 256 steps is as wide as the others.
    #expect(Array(frame.prefix(10)) == values.map(\.1))
    #expect(frame[126 + 19] == 200)
    // 0.75 of 65535, rounded: 0xBFFF.
    #expect(frame[126 + 20] == 0xFF)
    #expect(frame.dropFirst(21).allSatisfy { $0 == 0 })
  }

  /// The two bytes are one number: it rises with the value and never jumps.
  @Test func coarseAndFineAreOneNumber() throws {
    let sender = self.sender(self.destination([1: .value(.valence), 2: .fine(.valence)]))
    var last = -1
    for step in 0...200 {
      sender.send(tick(step + 1, Affect(valence: Float(step) / 100 - 1, arousal: 0), state: .tracking))
      // The way there is over.
      for packet in packets(.seconds(2)) {
        let word = Int(packet[126]) << 8 | Int(packet[127])
        #expect(word >= last)
        last = word
      }
    }
    #expect(last == 65_535)
  }

  // MARK: - In time

  @Test func frameFollowsFrameWhileTheValuesMove() {
    let sender = self.sender(self.destination([1: .value(.valence), 2: .fine(.valence)]))
    sender.send(tick(1, Affect(valence: -1, arousal: 0)))
    _ = self.packets(.seconds(3))
    sender.send(tick(2, high))
    var packets = self.packets(.milliseconds(500))
    sender.send(tick(3, Affect(valence: -1, arousal: 0)))
    packets += self.packets(.milliseconds(250))
    // 40 frames a second, each another one: up for half a second of the second that it would take, then down.
    #expect((29...31).contains(packets.count), "\(packets.count)")
    let words = packets.map { Int($0[126]) << 8 | Int($0[127]) }
    let peak = words.max() ?? 0
    #expect((32_000...34_000).contains(peak))
    let steps = zip(words, words.dropFirst()).map { abs($1 - $0) }
    #expect((steps.max() ?? 0) < 65_536 / 18, "no frame jumps: \(steps)")
    #expect(steps.filter { $0 == 0 }.count <= 1, "every frame is another one: \(words)")
  }

  @Test func whatStandsIsRepeatedAndThenKeptAlive() {
    let sender = self.sender(self.destination([1: .value(.valence)]))
    sender.send(tick(1, high))
    // Once, and three times more.
    #expect(packets(.milliseconds(200)).count == 4)
    let packets = self.packets(.seconds(17))
    #expect((19...20).contains(packets.count), "\(packets.count)")
    #expect(Set(packets.map { $0[126] }) == [255])
  }

  @Test(arguments: DMXDestination.NetworkProtocol.allCases)
  func theSequenceCountsOn(_ networkProtocol: DMXDestination.NetworkProtocol) {
    let sender = self.sender(self.destination([1: .value(.valence)], networkProtocol))
    sender.send(tick(1, high))
    let numbers = self.packets(.seconds(260)).map { $0[networkProtocol == .sacn ? 111 : 12] }
    #expect(numbers.count > 300)
    let isNext = { (first: UInt8, second: UInt8) in
      second == (networkProtocol == .artnet && first == 255 ? 1 : first &+ 1)
    }
    #expect(numbers.first == 1 && zip(numbers, numbers.dropFirst()).allSatisfy(isNext))
  }

  @Test func beforeThereAreValuesNothingIsSent() {
    let sender = self.sender(self.destination([1: .value(.valence)]))
    sender.send(tick(1, nil, state: .warmingUp))
    #expect(packets(.seconds(5)).isEmpty)
  }

  @Test func theEndIsToldThreeTimesOverSACN() {
    let sender = self.sender(self.destination([1: .value(.valence)]))
    sender.send(tick(1, high))
    _ = self.packets(.milliseconds(200))
    sender.send(tick(2, high, state: .stopping))
    sender.close(replacedBy: nil)
    let packets = self.packets(.seconds(10))
    // Receivers pass over the levels of the packets that tell the end: the look comes before.
    #expect(packets.map { $0[112] } == [0, 0, 0, 0x40, 0x40, 0x40])
    // The loss policy leads to neutral, at once: nothing follows.
    #expect(packets.allSatisfy { $0[126] == 128 })
  }

  /// As after a reload that changes the channels.
  @Test func whoTakesOverGoesOnWithTheSameSource() throws {
    let first = self.sender(self.destination([1: .value(.valence)]))
    first.send(tick(1, high))
    let before = try #require(packets(.milliseconds(200)).last)
    let second = self.sender(self.destination([3: .value(.valence)]), replacing: first)
    first.close(replacedBy: second)
    // Without a tick.
    let packets = self.packets(.milliseconds(10))
    let after = try #require(packets.first)
    #expect(after[111] == before[111] + 1 && after[112] == 0)
    #expect(Array(after[126..<130]) == [0, 0, 255, 0])
    #expect(packets.count == 1)
  }

  @Test func anotherUniverseEndsTheOldOne() throws {
    let first = self.sender(self.destination([1: .value(.valence)]))
    first.send(tick(1, high))
    _ = self.packets(.milliseconds(200))
    var other = self.destination([1: .value(.valence)])
    other.universe = 9
    let second = self.sender(other, replacing: first)
    first.close(replacedBy: second)
    let packets = self.packets(.milliseconds(10))
    #expect(packets.filter { $0[114] == 2 }.map { $0[112] } == [0, 0, 0, 0x40, 0x40, 0x40])
    #expect(packets.filter { $0[114] == 9 }.map { $0[111] } == [1])
  }

  @Test func theLossPolicyHasItsSay() throws {
    var destination = self.destination([1: .value(.valence), 2: .value(.active)])
    destination.onLoss = .fallback(Affect(valence: -1, arousal: 0))
    let sender = self.sender(destination)
    sender.send(tick(1, high))
    var packets = self.packets(.milliseconds(250))
    for number in 2...20 {
      sender.send(tick(number, high, state: .reconnecting))
      packets += self.packets(.milliseconds(250))
    }
    let frames = packets.map { Array($0[126..<128]) }
    #expect(frames.first == [255, 255] && frames.last == [0, 0])
    // Down without a jump.
    let levels = frames.map { Int($0[0]) }
    #expect(zip(levels, levels.dropFirst()).allSatisfy { $0 >= $1 && $0 - $1 < 20 }, "\(levels)")
  }
}
