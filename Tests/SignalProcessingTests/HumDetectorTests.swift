import Glibc
import Platform
import SignalProcessing
import TestSupport
import Testing

@Suite struct HumDetectorTests {
  private func sine(_ frequency: Double, _ decibels: Double, _ index: Int, _ rate: Int) -> Float {
    Float(pow(10, decibels / 20) * sin(2 * .pi * frequency * Double(index) / Double(rate)))
  }

  /// Whether it hums after each second.
  private func seconds(_ count: Int, rate: Int, _ sample: (Int) -> Float) -> [Bool] {
    var detector = HumDetector(rate: rate)
    return (0..<count).map { second in
      let samples = (0..<rate).map { sample(second * rate + $0) }
      detector.add(samples.span)
      return detector.isHumming
    }
  }

  private func noise(_ decibels: Double) -> () -> Float {
    var generator = SeededGenerator(seed: 2)
    let amplitude = Float(pow(10, decibels / 20))
    return { Float.random(in: -amplitude...amplitude, using: &generator) }
  }

  @Test(arguments: [50.0, 60], [16_000, 44_100, 48_000])
  func harmonicsOfTheMainsAreHum(mains: Double, rate: Int) {
    let noise = noise(-70)
    // The mains are never quite right.
    let humming = seconds(13, rate: rate) { index in
      noise()
        + [(1.0, -50.0), (2, -55), (3, -60), (5, -62)].reduce(0) {
          $0 + sine(1.0005 * mains * $1.0, $1.1, index, rate)
        }
    }
    #expect(humming.prefix(9).allSatisfy { !$0 })
    #expect(humming.last == true)
  }

  @Test func otherTonesAreNot() {
    let rate = 16_000
    for tones in [[49.0, 98, 147, 196], [440, 880], [100], [50, 100], [61.7, 123.5, 185.2]] {
      let humming = seconds(14, rate: rate) { index in tones.reduce(0) { $0 + sine($1, -40, index, rate) } }
      #expect(humming.allSatisfy { !$0 }, "\(tones)")
    }
    let noise = noise(-20)
    #expect(seconds(14, rate: rate) { _ in noise() }.allSatisfy { !$0 })
    #expect(seconds(14, rate: rate) { _ in 0 }.allSatisfy { !$0 })
  }

  @Test func tonesThatComeAndGoAreNot() {
    let rate = 16_000
    let humming = seconds(20, rate: rate) { index in
      (index / rate) % 4 == 3 ? 0 : [50.0, 100, 150, 200].reduce(0) { $0 + sine($1, -40, index, rate) }
    }
    #expect(humming.allSatisfy { !$0 })
  }

  @Test func musicHidesItAndDoesNotEndItAndSilenceDoes() {
    let rate = 16_000
    let noise = noise(-10)
    let humming = seconds(32, rate: rate) { index in
      let hum = [50.0, 100, 150, 200].reduce(0) { $0 + sine($1, -45, index, rate) }
      switch index / rate {
      case ..<12: return hum
      case ..<24: return hum + noise()
      default: return 0
      }
    }
    #expect(humming[11...22].allSatisfy { $0 })
    #expect(humming.suffix(4).allSatisfy { !$0 })
  }
}
