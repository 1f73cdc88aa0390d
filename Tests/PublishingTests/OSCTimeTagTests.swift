import Platform
import Publishing
import TestSupport
import Testing

@Suite struct OSCTimeTagTests {
  @Test(
    arguments: [
      (0, 0x83AA_7E80_0000_0000),
      (0.5, 0x83AA_7E80_8000_0000),
      (-0.25, 0x83AA_7E7F_C000_0000),
      (1_700_000_000.75, 0xE8FE_6F80_C000_0000),
      // The last second of the era that began in 1900, and the first two of the next.
      (2_085_978_495, 0xFFFF_FFFF_0000_0000),
      (2_085_978_496, 0),
      (2_085_978_497, 0x0000_0001_0000_0000),
    ] as [(Double, UInt64)])
  func unixTimeIsCountedFrom1900AndAgainFrom2036(_ unixTime: Double, _ bits: UInt64) {
    #expect(OSCTimeTag(unixTime: unixTime).bits == bits)
    #expect(OSCTimeTag(bits: bits).unixTime == unixTime)
  }

  @Test func timesOfTheRangeComeBack() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<10_000 {
      // A double near a billion has fewer bits after the point than the tag.
      let time = Double.random(in: 1e9..<OSCTimeTag.unixTimes.upperBound, using: &generator)
      #expect(OSCTimeTag(unixTime: time).unixTime == time)
    }
  }

  @Test func timesOutsideTheRangeBecomeTheNearestInIt() {
    let first = OSCTimeTag(bits: 1 << 63)
    #expect(first.unixTime == OSCTimeTag.unixTimes.lowerBound)
    for time in [OSCTimeTag.unixTimes.lowerBound.nextDown, -1e300, -.infinity] {
      #expect(OSCTimeTag(unixTime: time) == first)
    }
    let last = OSCTimeTag(unixTime: OSCTimeTag.unixTimes.upperBound.nextDown)
    #expect(last.bits >> 32 == 0x7FFF_FFFF)
    for time in [OSCTimeTag.unixTimes.upperBound, 1e300, .infinity] {
      #expect(OSCTimeTag(unixTime: time) == last)
    }
  }

  @Test func theMomentBeforeAWholeSecondIsNotLost() {
    #expect(OSCTimeTag(unixTime: -1e-30).bits == OSCTimeTag(unixTime: 0).bits)
  }

  @Test func atOnceIsNoTime() {
    #expect(OSCTimeTag.immediately.unixTime == nil)
    #expect(OSCTimeTag(unixTime: .nan) == .immediately)
  }
}
