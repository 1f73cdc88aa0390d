import Foundation
import Platform
import Testing
import Venue

@Suite struct RoomTests {
  /// Seconds for 60 dB, from the fall between -15 and -35 dB, behind the direct sound, of the energy that is still to come (Schroeder, "New method of
  /// measuring reverberation time", 1965).
  private func decay(_ response: [Float], rate: Int) -> Double {
    var rest = 0.0
    let remaining = response.reversed().map { value -> Double in
      rest += Double(value * value)
      return rest
    }.reversed()
    let levels = remaining.map { 10 * log10($0 / rest) }
    let first = levels.firstIndex { $0 < -15 } ?? 0
    let last = levels.firstIndex { $0 < -35 } ?? levels.count
    return Double(last - first) / Double(rate) * 3
  }

  @Test(arguments: [
    (SIMD3(5.2, 4.1, 2.6), 0.4, 2.0), (SIMD3(17.0, 11, 4.2), 0.9, 7), (SIMD3(31.0, 21, 9), 1.8, 13),
  ])
  func aRoomReverberatesAsLongAsItShould(size: SIMD3<Double>, time: Double, distance: Double) {
    var generator = SeededGenerator(seed: 3)
    let room = Room(size: size, reverberationTime: time, distance: distance)
    for rate in [16_000, 48_000] {
      let response = room.impulseResponse(rate: rate, using: &generator)
      let found = decay(response, rate: rate)
      #expect(abs(found - time) < 0.3 * time, "\(found) s instead of \(time) s at \(rate) Hz")
      #expect(abs(response.reduce(0) { $0 + $1 * $1 } - 1) < 1e-3)
    }
  }

  /// Twice as far away, the direct sound has a quarter of the energy, and the rest stays as it is.
  @Test func theDirectSoundFallsWithTheDistance() {
    func directShare(_ distance: Double) -> Double {
      var generator = SeededGenerator(seed: 5)
      let room = Room(size: SIMD3(20, 15, 6), reverberationTime: 1.2, distance: distance)
      let response = room.impulseResponse(rate: 16_000, using: &generator)
      let direct = response.prefix(24).reduce(0.0) { $0 + Double($1 * $1) }
      return direct / (1 - direct)
    }
    let ratio = directShare(2) / directShare(4)
    #expect(ratio > 2.8 && ratio < 5.6, "\(ratio)")
    // Where the critical distance lies, 0.057 √(V / T), both are equal (Kuttruff, "Room acoustics").
    let critical = 0.057 * (20.0 * 15 * 6 / 1.2).squareRoot()
    #expect(directShare(critical) > 0.4 && directShare(critical) < 2.5, "\(directShare(critical))")
  }

  @Test func highFrequenciesDieAwaySooner() {
    var generator = SeededGenerator(seed: 7)
    let response = Room(size: SIMD3(31, 21, 9), reverberationTime: 1.8, distance: 13)
      .impulseResponse(rate: 16_000, using: &generator)
    func share(_ range: Range<Int>) -> Double {
      // Differences of neighbours hear the high frequencies, sums the low ones.
      let high = range.reduce(0.0) { $0 + pow(Double(response[$1 + 1] - response[$1]), 2) }
      let low = range.reduce(0.0) { $0 + pow(Double(response[$1 + 1] + response[$1]), 2) }
      return high / low
    }
    #expect(share(16_000..<20_000) < share(1_600..<4_000) / 2)
  }
}
