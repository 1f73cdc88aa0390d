import Affect
import Platform
import Publishing
import TestSupport
import Testing

/// What a destination gets for a tick.
@Suite struct OSCTickEncoderTests {
  private static let estimate = AffectEstimate(
    tick: 7, audioTime: 3.5,
    values: .init(
      smoothed: Affect(valence: -0.5, arousal: 1), raw: Affect(valence: 0.25, arousal: -1),
      trend: AffectTrend(valence: 0.125, arousal: -2), quadrant: .two, confidence: 0.75),
    level: -20, state: .tracking)
  private static let unixTime = 1_700_000_000.25

  private func destination(_ values: [OSCValue] = OSCValue.standard) -> OSCDestination {
    var destination = OSCDestination(name: "desk", endpoint: OSCDestination.standard.endpoint)
    destination.values = values
    return destination
  }

  private func packets(
    _ destination: OSCDestination, _ estimate: AffectEstimate = Self.estimate
  ) throws -> [OSCPacket] {
    var encoder = OSCTickEncoder(destination)
    return try encoder.packets(estimate, unixTime: Self.unixTime).map { try OSCPacket(decoding: $0) }
  }

  private func messages(
    _ destination: OSCDestination, _ estimate: AffectEstimate = Self.estimate
  ) throws -> [OSCMessage] {
    try packets(destination, estimate).flatMap(\.messages)
  }

  /// The first argument of the message for `value`.
  private func float(_ value: OSCValue, _ destination: OSCDestination, _ estimate: AffectEstimate) throws -> Float? {
    var destination = destination
    destination.values = [value]
    guard case .float(let number) = try messages(destination, estimate).first?.arguments.first else { return nil }
    return number
  }

  @Test func everyValueHasItsAddressAndType() throws {
    #expect(
      try packets(destination())
        == [
          .bundle(
            OSCBundle([
              OSCMessage("/affect/valence", .float(-0.5)), OSCMessage("/affect/arousal", .float(1)),
              OSCMessage("/affect/unit/valence", .float(0.25)), OSCMessage("/affect/unit/arousal", .float(1)),
              OSCMessage("/affect/raw/valence", .float(0.25)), OSCMessage("/affect/raw/arousal", .float(-1)),
              OSCMessage("/affect/trend/valence", .float(0.125)), OSCMessage("/affect/trend/arousal", .float(-2)),
              OSCMessage("/affect/quadrant", .int(2)), OSCMessage("/affect/confidence", .float(0.75)),
              OSCMessage("/affect/level", .float(-20)), OSCMessage("/affect/active", .int(1)),
              OSCMessage("/affect/state", .string("tracking")),
            ]))
        ])
  }

  @Test func onlyTheChosenValuesAreSentInTheOrderOfTheDestination() throws {
    #expect(
      try messages(destination([.state, .arousal, .level])).map(\.address)
        == ["/affect/state", "/affect/arousal", "/affect/level"])
  }

  @Test func addressesAreFilledInAndSingleOnesReplaced() throws {
    var desk = destination([.valence, .unitValence, .level, .state])
    desk.address = "/{name}/{value}/{name}"
    desk.addresses = [.level: "/meter", .state: "/now/{value}/at/{name}"]
    #expect(
      try messages(desk).map(\.address)
        == ["/desk/valence/desk", "/desk/unit/valence/desk", "/meter", "/now/state/at/desk"])
  }

  // MARK: - Range

  @Test(
    arguments: [[0, 1], [1, 0], [-1, 1], [0, 255], [-1e6, 1e6], [0.1, 0.7], [1e-6, 1e6], [-3, -7]] as [[Float]])
  func theRangeIsMetExactlyAtItsEndsAndNeverLeft(_ range: [Float]) throws {
    var desk = destination()
    desk.range = range
    let bounds = min(range[0], range[1])...max(range[0], range[1])
    for value in [OSCValue.valence, .arousal, .rawValence, .rawArousal] {
      #expect(try float(value, desk, .sample(1, Affect(valence: -1, arousal: -1))) == range[0], "\(value)")
      #expect(try float(value, desk, .sample(1, Affect(valence: 1, arousal: 1))) == range[1], "\(value)")
      let middle = try #require(try float(value, desk, .sample(1, .neutral)))
      #expect(abs(middle - (range[0] + range[1]) / 2) <= (bounds.upperBound - bounds.lowerBound) * 1e-6, "\(value)")
    }
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<200 {
      let affect = Affect(
        valence: Float.random(in: -1...1, using: &generator), arousal: Float.random(in: -1...1, using: &generator))
      #expect(bounds.contains(try #require(try float(.valence, desk, .sample(1, affect)))), "\(affect)")
      #expect(bounds.contains(try #require(try float(.arousal, desk, .sample(1, affect)))), "\(affect)")
    }
  }

  @Test func theStandardRangeChangesNothing() throws {
    var generator = SeededGenerator(seed: 12)
    for _ in 0..<1000 {
      let affect = Affect(
        valence: Float.random(in: -1...1, using: &generator), arousal: Float.random(in: -1...1, using: &generator))
      #expect(try float(.valence, destination(), .sample(1, affect)) == affect.valence)
      #expect(try float(.rawArousal, destination(), .sample(1, affect)) == affect.arousal)
    }
  }

  @Test func theRangeConcernsNothingElse() throws {
    var desk = destination([.unitValence, .unitArousal, .valenceTrend, .arousalTrend, .confidence, .level])
    let before = try messages(desk)
    desk.range = [100, 200]
    #expect(try messages(desk) == before)
  }

  // MARK: - Rate

  /// The numbers of the ticks that are sent.
  private func sent(_ estimates: [AffectEstimate], rate: Double?) -> [Int] {
    var desk = destination([.level])
    desk.rate = rate
    var encoder = OSCTickEncoder(desk)
    return estimates.filter { !encoder.packets($0, unixTime: 0).isEmpty }.map(\.tick)
  }

  @Test func theRateIsThatOfTheAudio() {
    let ticks = (1...9).map { AffectEstimate.sample($0) }
    #expect(sent(ticks, rate: nil) == Array(1...9))
    #expect(sent(ticks, rate: 100) == Array(1...9))
    #expect(sent(ticks, rate: 4) == Array(1...9))
    #expect(sent(ticks, rate: 2) == [1, 3, 5, 7, 9])
    #expect(sent(ticks, rate: 0.5) == [1, 9])
    // At most three a second, which with four ticks a second are two.
    #expect(sent(ticks, rate: 3) == [1, 3, 5, 7, 9])
  }

  @Test func aHopWithRoundingErrorsKeepsTheRate() {
    let hop = 0.1
    let ticks = (1...1000).map { tick in
      AffectEstimate(tick: tick, audioTime: Double(tick) * hop, values: nil, level: 0, state: .warmingUp)
    }
    #expect(sent(ticks, rate: 10).count == 1000)
    #expect(sent(ticks, rate: 5).count == 500)
  }

  @Test func aChangeOfStateIsSentAtOnce() {
    let ticks = (1...9).map { AffectEstimate.sample($0, state: $0 == 4 ? .silent : .tracking) }
    #expect(sent(ticks, rate: 0.5) == [1, 4, 5])
  }

  @Test func audioThatBeginsAnewIsSentAtOnce() {
    #expect(sent([.sample(100), .sample(101), .sample(1), .sample(2)], rate: 0.5) == [100, 1])
  }

  // MARK: - Packets

  @Test func withoutABundleEveryMessageIsAPacket() throws {
    var desk = destination()
    let messages = try messages(desk)
    desk.bundle = false
    #expect(messages.count == OSCValue.standard.count)
    #expect(try packets(desk) == messages.map { .message($0) })
  }

  @Test func theTimeTagIsTheTimeOfTheTickOrAtOnce() throws {
    var desk = destination([.level])
    let message = OSCMessage("/affect/level", .float(-20))
    #expect(try packets(desk) == [.bundle(OSCBundle(timeTag: .immediately, [message]))])
    desk.timeTag = .audio
    let tag = OSCTimeTag(unixTime: Self.unixTime)
    #expect(try packets(desk) == [.bundle(OSCBundle(timeTag: tag, [message]))])
    #expect(tag.unixTime == Self.unixTime)
  }

  @Test func theUsualBundleIsOnePacket() {
    var encoder = OSCTickEncoder(destination())
    let packets = encoder.packets(Self.estimate, unixTime: Self.unixTime)
    #expect(packets.count == 1)
    #expect(packets.allSatisfy { $0.count <= OSCTickEncoder.packetLimit })
  }

  @Test(arguments: [10, 20, 21, 22, 23, 24, 60, 100, 180])
  func longAddressesTakeAsFewPacketsAsTheLimitAllows(_ length: Int) throws {
    var desk = destination()
    desk.address = "/" + String(repeating: "x", count: length) + "/{value}"
    desk.timeTag = .audio
    var encoder = OSCTickEncoder(desk)
    let packets = encoder.packets(Self.estimate, unixTime: Self.unixTime)
    #expect(OSCTickEncoder.packetLimit == 512)
    #expect(packets.allSatisfy { $0.count <= OSCTickEncoder.packetLimit })
    let bundles = try packets.map { try OSCPacket(decoding: $0) }
    desk.bundle = false
    #expect(bundles.flatMap(\.messages) == (try messages(desk)))
    #expect(bundles.flatMap(\.messages).count == OSCValue.standard.count)
    for bundle in bundles {
      guard case .bundle(let bundle) = bundle else {
        Issue.record("a message on its own")
        return
      }
      #expect(bundle.timeTag == OSCTimeTag(unixTime: Self.unixTime))
    }
    // The first message of a packet had no room in the one before.
    for (packet, next) in zip(packets, bundles.dropFirst()) {
      let first = try #require(next.messages.first)
      #expect(packet.count + 4 + first.encoded().count > OSCTickEncoder.packetLimit)
    }
  }

  @Test func aPacketMayBeAsLongAsTheLimit() {
    // Header 16; four times size 4, address 112 with its zeros, tags 4, float 4.
    let values: [OSCValue] = [.valence, .arousal, .unitValence, .unitArousal]
    for (length, counts) in [(111, [512]), (112, [400, 144])] {
      var desk = destination(values)
      desk.addresses = Dictionary(
        uniqueKeysWithValues: values.enumerated().map { number, value in
          (value, "/" + String(repeating: "x", count: length - 2) + "\(number)")
        })
      var encoder = OSCTickEncoder(desk)
      let packets = encoder.packets(Self.estimate, unixTime: 0)
      #expect(packets.map(\.count) == counts)
    }
  }

  // MARK: - Without values

  @Test func withoutValuesLevelActivityAndStateAreLeft() throws {
    #expect(
      try messages(destination(), .sample(3, nil, state: .warmingUp))
        == [
          OSCMessage("/affect/level", .float(-3)), OSCMessage("/affect/active", .int(0)),
          OSCMessage("/affect/state", .string("warmingUp")),
        ])
    #expect(try packets(destination([.valence, .quadrant]), .sample(3, nil, state: .warmingUp)).isEmpty)
  }

  @Test func heldValuesHaveNoRawOnes() throws {
    let addresses = try messages(destination(), .sample(3, state: .silent)).map(\.address)
    #expect(addresses.contains("/affect/valence"))
    #expect(!addresses.contains { $0.hasPrefix("/affect/raw/") || $0 == "/affect/confidence" })
  }

  @Test(arguments: TrackerState.allCases)
  func activeMeansThatTheValuesFollowAnInput(_ state: TrackerState) throws {
    let messages = try messages(destination([.active, .state]), .sample(1, state: state))
    #expect(
      messages == [
        OSCMessage("/affect/active", .int(state == .tracking ? 1 : 0)),
        OSCMessage("/affect/state", .string(state.rawValue)),
      ])
  }

  @Test func aLostInputLeadsWhereTheDestinationWants() throws {
    var desk = destination([.valence, .unitArousal, .quadrant])
    desk.onLoss = .fallback(Affect(valence: 0.25, arousal: -0.5))
    desk.range = [0, 1]
    #expect(
      try messages(desk, .sample(1, nil, state: .reconnecting))
        == [OSCMessage("/affect/valence", .float(0.625)), OSCMessage("/affect/unit/arousal", .float(0.25))])
  }

  @Test func theMoodsColourIsThatOfThePaletteAndOfWhatALossLeadsTo() throws {
    let red = MoodPalette.Point(Affect(valence: -0.5, arousal: 1), MoodColor(red: 1, green: 0.25, blue: 0.25))
    let green = MoodPalette.Point(Affect(valence: 0.25, arousal: -0.5), MoodColor(red: 0, green: 1, blue: 0))
    let palette = MoodPalette([red, green])
    var desk = destination([.colorRed, .colorGreen, .colorBlue, .colorHue, .colorSaturation])
    desk.onLoss = .fallback(green.affect)
    var encoder = OSCTickEncoder(desk)
    func colours(_ estimate: AffectEstimate) throws -> [OSCMessage] {
      try encoder.packets(estimate, unixTime: 0, palette: palette).flatMap { try OSCPacket(decoding: $0).messages }
    }
    #expect(
      try colours(Self.estimate) == [
        OSCMessage("/affect/color/red", .float(1)), OSCMessage("/affect/color/green", .float(0.25)),
        OSCMessage("/affect/color/blue", .float(0.25)), OSCMessage("/affect/color/hue", .float(0)),
        OSCMessage("/affect/color/saturation", .float(0.75)),
      ])
    // Without values there is no colour.
    #expect(try messages(desk, .sample(1, nil)) == [])
    encoder = OSCTickEncoder(desk)
    #expect(
      try colours(.sample(1, nil, state: .reconnecting)).prefix(3) == [
        OSCMessage("/affect/color/red", .float(0)), OSCMessage("/affect/color/green", .float(1)),
        OSCMessage("/affect/color/blue", .float(0)),
      ])
  }

  /// The rate leaves ticks out, but not the time that they stand for.
  @Test func aSlowDestinationDecaysAsFastAsTheOthers() throws {
    var (fast, slow) = (destination([.valence]), destination([.valence]))
    fast.onLoss = .decay(4)
    slow.onLoss = .decay(4)
    slow.rate = 0.5
    var (encoder, slowEncoder) = (OSCTickEncoder(fast), OSCTickEncoder(slow))
    var compared = 0
    for tick in 1...33 {
      let estimate = AffectEstimate.sample(tick, state: tick == 1 ? .tracking : .reconnecting)
      let packets = encoder.packets(estimate, unixTime: 0)
      let slowPackets = slowEncoder.packets(estimate, unixTime: 0)
      guard !slowPackets.isEmpty else { continue }
      compared += 1
      #expect(slowPackets == packets, "tick \(tick)")
    }
    #expect(compared == 5)
  }
}
