import Foundation
import Platform
import TestSupport
import Testing
import Venue

@Suite struct VenueTests {
  private let rate = 16_000

  private func decibels(_ signal: [Float]) -> Double {
    let power = signal.reduce(0.0) { $0 + Double($1 * $1) } / Double(signal.count)
    return 10 * log10(power)
  }

  private func sine(_ frequency: Double, seconds: Double = 1) -> [Float] {
    TestSignal.sine(frequency, amplitude: 0.1, seconds: seconds, rate: rate)
  }

  @Test func aCleanVenueChangesNothing() {
    let music = sine(440)
    #expect(Venue().record(music, rate: rate, seed: 1) == music)
    #expect(Venue().record([], rate: rate, seed: 1).isEmpty)
  }

  @Test func theLevelIsThatOfTheGainAndLoudSoundClips() {
    var quiet = Venue()
    quiet.gain = -20
    #expect(abs(decibels(quiet.record(sine(440), rate: rate, seed: 1)) - decibels(sine(440)) + 20) < 0.01)
    var loud = Venue()
    loud.gain = 30
    let clipped = loud.record(sine(440), rate: rate, seed: 1)
    #expect(clipped.max() == 1 && clipped.min() == -1)
  }

  @Test func aMicrophoneColoursAndDelaysNothing() {
    var venue = Venue()
    venue.microphone = ToneCurve([.init(300, -30), .init(600, 0), .init(2000, 0), .init(4000, -12)])
    for (frequency, expected) in [(200.0, -30.0), (1000, 0), (4500, -12)] {
      let recorded = venue.record(sine(frequency), rate: rate, seed: 1)
      let middle = Array(recorded[4000..<12_000])
      #expect(abs(decibels(middle) - decibels(sine(frequency)) - expected) < 0.6, "\(frequency) Hz")
    }
    let recorded = venue.record(sine(1000), rate: rate, seed: 1)
    for index in 4000..<4100 { #expect(abs(recorded[index] - sine(1000)[index]) < 2e-3) }
  }

  @Test func peopleTalkAsLoudAsTheyShould() {
    var venue = Venue()
    venue.crowd = -12
    let music = sine(440, seconds: 5)
    let people = zip(venue.record(music, rate: rate, seed: 1), music).map { $0 - $1 }
    #expect(abs(decibels(people) - decibels(music) + 12) < 0.1)
    #expect(venue.record(music, rate: rate, seed: 1) == venue.record(music, rate: rate, seed: 1))
    #expect(venue.record(music, rate: rate, seed: 1) != venue.record(music, rate: rate, seed: 2))
    // Speech comes in syllables: its loudness moves.
    let levels = stride(from: 0, to: people.count - 800, by: 800).map { decibels(Array(people[$0..<$0 + 800])) }
    let mean = levels.reduce(0, +) / Double(levels.count)
    let deviation = (levels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(levels.count)).squareRoot()
    #expect(deviation > 1 && deviation < 8, "\(deviation) dB")
  }

  @Test func aLimiterTurnsLoudSoundDown() {
    var venue = Venue()
    venue.limiter = -30
    let recorded = venue.record(sine(440), rate: rate, seed: 1)
    #expect(decibels(Array(recorded[8000...])) < decibels(sine(440)) - 5)
  }

  @Test func everyConditionGivesUsableSound() {
    var generator = SeededGenerator(seed: 9)
    let music = (0..<2 * rate).map { _ in Float(generator.uniform() - 0.5) * 0.2 }
    var venues = Venue.conditions.map(\.venue)
    for _ in 0..<40 { venues.append(.random(using: &generator)) }
    #expect(Set(Venue.conditions.map(\.name)).count == 9)
    for venue in venues {
      let recorded = venue.record(music, rate: rate, seed: 4)
      #expect(recorded.count == music.count)
      #expect(recorded.allSatisfy { $0.isFinite && abs($0) <= 1 })
      #expect(decibels(recorded) > decibels(music) - 60, "\(venue)")
    }
  }
}
