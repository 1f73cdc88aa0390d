import Affect
import Embedding
import NeuralNetwork
import Platform
import ShippedModels
import SignalProcessing
import TestSupport
import Testing
import Tracking

/// Several embeddings one behind the other, through the stream that the daemon uses.
@Suite struct EmbeddingSumTests {
  /// What a tick brought.
  private struct Heard: Equatable {
    let tick: Int
    let level: Float
    /// Nil where there was none.
    let embedding: [Float]?
  }

  private static func musiCNN() throws -> any AudioEmbedder {
    try MusiCNN(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()))
  }

  private static func openL3() throws -> any AudioEmbedder {
    try OpenL3(weights: Fixture.tensors("openl3-mel256-random-weights.safetensors"), variant: OpenL3Variant())
  }

  /// Their rates are 22,050 Hz, 16,000 Hz and once more 22,050 Hz, their windows 3 s, 3.008 s and 3.04 s; then descriptors
  /// at 16,000 Hz over 1 s, 1 s and 3 s.
  private static func parts() throws -> [any AudioEmbedder] {
    [LibrosaFeatures(.cepstra20), try musiCNN(), LogMelPatch(), EGeMAPS(), Compare260(), MidLevelFeatures(.six)]
  }

  /// - Parameter seed: of the lengths of the pieces in which the audio comes.
  private func listen(
    _ input: any EmbeddingInput, _ audio: [Float], rate: Int, hop: Double = 0.5, origin: Double = 0,
    seed: UInt64 = 1, calibration: Calibration? = nil
  ) -> [Heard] {
    let stream = EmbeddingStream(embedder: input, hop: Hop(seconds: hop)!, inputRate: rate, origin: origin)
    stream.use(calibration)
    var heard: [Heard] = []
    let collect = { (tick: EmbeddingStream.Tick) in
      let embedding: [Float]? = if case .embedding = tick.content { stream.embedding } else { nil }
      heard.append(Heard(tick: tick.number, level: tick.level, embedding: embedding))
    }
    var generator = SeededGenerator(seed: seed)
    var start = 0
    while start < audio.count {
      let end = min(audio.count, start + Int.random(in: 1...8000, using: &generator))
      stream.push(audio.span.extracting(start..<end), onTick: collect)
      start = end
    }
    stream.finish(onTick: collect)
    return heard
  }

  /// What each part hears alone, one behind the other; nothing as long as one of them hears nothing.
  private func together(_ alone: [[Heard]]) -> [Heard] {
    alone[0].indices.map { row in
      let values = alone.map { $0[row].embedding }
      return Heard(
        tick: alone[0][row].tick, level: alone[0][row].level,
        embedding: values.contains(nil) ? nil : values.flatMap { $0 ?? [] })
    }
  }

  @Test(arguments: [(0.5, 48_000), (0.5, 44_100), (0.1, 44_100), (0.1, 48_000), (0.1, 16_000)])
  func aSumSaysWhatItsPartsSayAlone(hop: Double, rate: Int) throws {
    let audio = TestSignal.music(seconds: 4.3, rate: rate)
    let alone = try Self.parts().map { listen($0, audio, rate: rate, hop: hop, seed: 1) }
    let sum = try listen(EmbeddingSum(Self.parts()), audio, rate: rate, hop: hop, seed: 2)
    #expect(sum == together(alone))
    // The longest window, of 3.04 s, decides what is first.
    let firstTick = try #require(sum.first { $0.embedding != nil }?.tick)
    #expect(firstTick == (hop == 0.5 ? 7 : 31))
    #expect(Set(sum.compactMap(\.embedding)).count == sum.count { $0.embedding != nil })
  }

  @Test func theOrderOfThePartsIsThatOfTheValues() throws {
    let audio = TestSignal.music(seconds: 3.2, rate: 44_100)
    let sum = try listen(
      EmbeddingSum([Self.openL3(), LibrosaFeatures(), Self.musiCNN()]), audio, rate: 44_100, hop: 0.4)
    let alone = try [Self.openL3(), LibrosaFeatures(), Self.musiCNN()].map {
      listen($0, audio, rate: 44_100, hop: 0.4)
    }
    #expect(sum == together(alone))
    #expect(sum.map { $0.embedding?.count } == Array(repeating: nil, count: 7) + [512 + 386 + 200])
  }

  /// Against windows that are cut out of the audio by hand.
  @Test(arguments: [0.0, 7.35])
  func eachPartHearsTheLastWholeWindowThatEndsAtOrBeforeTheTick(origin: Double) throws {
    let rate = 44_100
    let audio = TestSignal.music(seconds: 4, rate: rate)
    let heard = try listen(EmbeddingSum(Self.parts()), audio, rate: rate, hop: 0.1, origin: origin)
    var compared = 0
    for row in heard {
      guard let embedding = row.embedding else { continue }
      var place = 0
      for var part in try Self.parts() {
        var samples: [Float] = []
        let resampler = Resampler(from: rate, to: part.sampleRate)
        resampler.process(audio.span) { span in for index in span.indices { samples.append(span[index]) } }
        resampler.finish { span in for index in span.indices { samples.append(span[index]) } }
        let end = Int(((Double(row.tick) * 0.1 - origin) * Double(part.sampleRate) + 1e-4).rounded(.down))
        let start = (end - part.windowLength) / part.windowStep * part.windowStep
        var expected = [Float](repeating: .nan, count: part.dimension)
        part.embed(samples.span.extracting(start..<start + part.windowLength), startingAt: start, into: &expected)
        let actual = Array(embedding[place..<place + part.dimension])
        #expect(Difference(actual, expected).relativeToLargest < 1e-5, "\(part.identifier), tick \(row.tick)")
        place += part.dimension
        compared += 1
      }
    }
    #expect(compared >= 27)
  }

  @Test func theWayTheAudioIsCutDoesNotMatter() throws {
    let audio = TestSignal.music(seconds: 3.6, rate: 44_100)
    let once = try listen(EmbeddingSum(Self.parts()), audio, rate: 44_100, hop: 0.1, seed: 3)
    for seed in 4...6 {
      #expect(try listen(EmbeddingSum(Self.parts()), audio, rate: 44_100, hop: 0.1, seed: UInt64(seed)) == once)
    }
  }

  @Test func afterAGapItIsAsAtAStart() throws {
    let before = TestSignal.chords(seconds: 4, rate: 48_000)
    let after = TestSignal.music(seconds: 4, rate: 44_100)
    let used = EmbeddingSum(try Self.parts())
    _ = listen(used, before, rate: 48_000, hop: 0.1)
    let again = listen(used, after, rate: 44_100, hop: 0.1, origin: 12.34)
    let fresh = try listen(EmbeddingSum(Self.parts()), after, rate: 44_100, hop: 0.1, origin: 12.34)
    #expect(again == fresh && fresh.contains { $0.embedding != nil })
    // No window reaches over the gap.
    #expect(fresh.first { $0.embedding != nil }?.tick == 154)
  }

  @Test func aCalibrationIsHeardByEveryPart() throws {
    let audio = TestSignal.music(seconds: 3.2, rate: 48_000)
    let calibration = Calibration(gain: -6, filter: VenueFilter(decibels: (0..<26).map { Double($0) / 4 - 3 }))
    let alone = try Self.parts().map { listen($0, audio, rate: 48_000, hop: 0.1, calibration: calibration) }
    let sum = try listen(EmbeddingSum(Self.parts()), audio, rate: 48_000, hop: 0.1, calibration: calibration)
    #expect(sum == together(alone))
    let plain = try listen(EmbeddingSum(Self.parts()), audio, rate: 48_000, hop: 0.1)
    let (filtered, unfiltered) = (try #require(sum.last?.embedding), try #require(plain.last?.embedding))
    for place in [0, 346 + 100, 346 + 200 + 5000] { #expect(filtered[place] != unfiltered[place], "\(place)") }
  }
}

/// An embedder that takes its time, and whose embedding is the first sample of its window.
private struct SlowProbe: AudioEmbedder {
  let identifier: String
  let sampleRate: Int
  let windowLength: Int
  let windowStep: Int
  let dimension = 1
  let seconds: Double
  let clock: ManualClock

  mutating func restart() {}

  mutating func use(_ filter: VenueFilter?) {}

  mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    embedding[0] = window[0]
    clock.advance(by: seconds)
  }
}

/// Parts that become whole at different moments.
@Suite struct EmbeddingSumTimesTests {
  private let clock = ManualClock()
  private let audio = (0..<4000).map { Float($0) }

  /// Ticks every 1000 samples: of the first, the window of the one part ends at 900, that of the other at 1000.
  private func stream() -> EmbeddingStream {
    let parts: [any AudioEmbedder] = [
      SlowProbe(identifier: "a", sampleRate: 16_000, windowLength: 300, windowStep: 200, seconds: 0.25, clock: clock),
      SlowProbe(identifier: "b", sampleRate: 16_000, windowLength: 200, windowStep: 1, seconds: 0.5, clock: clock),
    ]
    return EmbeddingStream(embedder: EmbeddingSum(parts), hop: Hop(seconds: 0.0625)!, inputRate: 16_000, clock: clock)
  }

  @Test func theTimeBetweenThePartsIsNoWork() {
    let stream = stream()
    var times: [EmbeddingStream.InferenceTimes?] = []
    for piece in [0..<899, 899..<950, 950..<1000] {
      clock.advance(by: 8)
      stream.push(audio.span.extracting(piece)) { _ in times.append(stream.inferenceTimes) }
    }
    #expect(stream.embedding == [600, 800])
    #expect(times.map { $0?.end } == [clock.now] && times.map { $0?.start } == [clock.now - 0.75])
    // The next tick counts anew.
    stream.push(audio.span.extracting(1000..<2000)) { _ in times.append(stream.inferenceTimes) }
    #expect(times.count == 2 && times.last??.start == clock.now - 0.75)
  }

  @Test func aTickOfWhichAPartIsMissingIsSkipped() {
    let stream = stream()
    var contents: [String] = []
    func push(_ piece: Range<Int>, skipping: Bool = false) {
      stream.push(audio.span.extracting(piece), skipping: skipping) { contents.append("\($0.number) \($0.content)") }
    }
    push(0..<950)
    push(950..<1000, skipping: true)
    #expect(contents == ["1 skipped"] && stream.inferenceTimes == nil)
    push(1000..<2000)
    push(2000..<3000, skipping: true)
    push(3000..<4000)
    #expect(contents == ["1 skipped", "2 embedding", "3 skipped", "4 embedding"])
    #expect(stream.embedding == [3600, 3800])
  }
}
