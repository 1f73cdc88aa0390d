import Foundation
import Platform
import SignalProcessing
import TestSupport
import Testing

@Suite struct VenueFilterTests {
  private let count = ThirdOctaves.centres.count

  @Test func aSineLiesInItsThird() throws {
    for rate in [16_000, 44_100, 48_000] {
      var spectrum = LongTermSpectrum(rate: rate)
      let sine = TestSignal.sine(1000, amplitude: 0.1, seconds: 7, rate: rate)
      spectrum.add(sine.span)
      let decibels = try #require(spectrum.decibels)
      // 1008 Hz is the centre next to it. The mean square of the sine is -23 dB.
      let index = try #require(ThirdOctaves.centres.firstIndex { abs($0 - 1008) < 1 })
      #expect(abs(decibels[index] + 23.01) < 0.1, "\(decibels[index]) at \(rate) Hz")
      #expect(decibels[index - 3] < -60 && decibels[index + 3] < -60)
      #expect(spectrum.blockCount == 2)
    }
  }

  @Test func silenceDoesNotCount() {
    var spectrum = LongTermSpectrum(rate: 16_000)
    let zeros = [Float](repeating: 0, count: 160_000)
    spectrum.add(zeros.span)
    #expect(spectrum.decibels == nil && spectrum.blockCount == 0)
    let faint = TestSignal.sine(1000, amplitude: 0.0005, seconds: 10, rate: 16_000)
    spectrum.add(faint.span)
    #expect(spectrum.decibels == nil)
  }

  /// As loud as the music that the models were trained on, and with equal power in each third of an octave.
  @Test func pinkNoiseIsPink() throws {
    var noise = PinkNoise()
    let samples = (0..<20 * PinkNoise.rate).map { _ in noise.next() }
    let meter = LoudnessMeter(sampleRate: PinkNoise.rate)
    meter.add(samples.span)
    #expect(abs(try #require(meter.integrated) + 17.4) < 0.2, "\(meter.integrated ?? 0)")
    let decibels = ReferenceSpectrum.pinkNoise
    let mean = decibels.reduce(0, +) / Double(count)
    for (centre, value) in zip(ThirdOctaves.centres, decibels) {
      #expect(abs(value - mean) < 1.2, "\(value) of \(mean) dB at \(centre) Hz")
    }
    #expect(samples.allSatisfy { abs($0) < 1 })
  }

  /// What a colour took away is given back, in so far as the limit allows.
  @Test func aFilterTakesTheColourBack() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<20 {
      let gain = generator.uniform() * 40 - 20
      var colour = 0.0
      let colours = (0..<count).map { _ in
        colour = min(max(colour + generator.uniform() * 4 - 2, -12), 12)
        return colour
      }
      let measured = zip(ReferenceSpectrum.music, colours).map { $0 + $1 - gain }
      let filter = VenueFilter(from: measured, to: ReferenceSpectrum.music, gain: gain)
      for (found, colour) in zip(filter.decibels, colours) { #expect(abs(found + colour) < 2.1) }
    }
    let absurd = VenueFilter(
      from: [Double](repeating: -140, count: count), to: ReferenceSpectrum.music, gain: 0)
    #expect(absurd.decibels.allSatisfy { $0 == VenueFilter.limit })
  }

  @Test func betweenTheThirdsItIsALine() {
    let filter = VenueFilter(decibels: (0..<count).map { Double($0) / 2 })
    #expect(abs(filter.decibels(at: 50)) < 1e-9 && abs(filter.decibels(at: 20)) < 1e-9)
    #expect(abs(filter.decibels(at: 100) - 1.5) < 1e-9)
    #expect(abs(filter.decibels(at: 50 * pow(2, 0.5)) - 0.75) < 1e-9)
    #expect(abs(filter.decibels(at: 22_000) - 12.5) < 1e-9)
    #expect(abs(filter.amplitude(at: 100) - Float(pow(10, 1.5 / 20))) < 1e-6)
  }

  @Test func aConvolverIsTheSumThatItStandsFor() {
    var generator = SeededGenerator(seed: 6)
    for (signalCount, responseCount) in [(1, 1), (10, 3), (5000, 100), (3000, 3000), (9000, 1)] {
      let signal = (0..<signalCount).map { _ in Float(generator.uniform() - 0.5) }
      let response = (0..<responseCount).map { _ in Float(generator.uniform() - 0.5) }
      let result = Convolver(response: response).apply(to: signal)
      #expect(result.count == signalCount + responseCount - 1)
      for index in stride(from: 0, to: result.count, by: max(1, result.count / 50)) {
        var sum = 0.0
        for tap in max(0, index - signalCount + 1)...min(index, responseCount - 1) {
          sum += Double(response[tap]) * Double(signal[index - tap])
        }
        #expect(abs(Double(result[index]) - sum) < 1e-3)
      }
    }
  }
}
