import Affect
import Testing

@Suite struct AffectTests {
  @Test(arguments: [
    (Float(0.3), Float(0.3)), (1.5, 1), (-7, -1), (.infinity, 1), (-.infinity, -1), (.nan, 0),
  ])
  func valuesAreClippedAndNeverNaN(input: Float, expected: Float) {
    #expect(Affect(valence: input, arousal: 0).valence == expected)
    #expect(Affect(valence: 0, arousal: input).arousal == expected)
  }

  @Test func unitRangeMapsMinusOneToZeroAndOneToOne() {
    #expect(Affect.unit(-1) == 0)
    #expect(Affect.unit(0) == 0.5)
    #expect(Affect.unit(1) == 1)
  }

  @Test func hopsOutsideTheirRangeAreRefused() {
    #expect(Hop(seconds: 0.05) != nil)
    #expect(Hop(seconds: 5) != nil)
    #expect(Hop(seconds: 0.049) == nil)
    #expect(Hop(seconds: 5.1) == nil)
    #expect(Hop(seconds: .nan) == nil)
  }

  @Test func tickTimesAreMultiplesOfTheHopWithoutRoundingNoise() {
    #expect(Hop(seconds: 0.05)!.time(ofTick: 3) == 0.15)
    #expect(Hop(seconds: 0.1)!.time(ofTick: 1_000_003) == 100_000.3)
  }

  @Test func tickPositionsNeverEndASampleEarly() {
    // 0.7 × 48,000 is 33,599.999… in binary.
    #expect(Hop(seconds: 0.7)!.samples(atTick: 1, rate: 48_000) == 33_600)
    let hop = Hop(seconds: 0.05)!
    #expect((1...100_000).allSatisfy { hop.samples(atTick: $0, rate: 16_000) == $0 * 800 })
    #expect(Hop(seconds: 0.3333)!.samples(atTick: 1, rate: 16_000) == 5332)
  }
}
