import Glibc
import SignalProcessing
import Testing

/// What is known of descriptors without a peer.
@Suite struct SpectralDescriptorTests {
  private let flat = [Float](repeating: 0.5, count: 257)

  private func isClose(_ value: Float, _ expected: Double) -> Bool {
    abs(Double(value) - expected) <= 1e-4 * max(1, abs(expected))
  }

  @Test func aFlatSpectrumHasTheShapeOfAUniformDistribution() {
    let shape = SpectralShape(of: flat, binWidth: 31.25)
    #expect(isClose(shape.centroid, 128.5 * 31.25) && isClose(shape.entropy, 8))
    let variance = (256.0 * 256 - 1) / 12 * 31.25 * 31.25
    #expect(isClose(shape.variance, variance))
    #expect(isClose(shape.skewness, 0) && isClose(shape.kurtosis, 1.8) && isClose(shape.slope, 0))
    #expect((0..<4).map { shape.rollOff[$0] / 31.25 } == [64, 128, 192, 231])
    #expect(SpectralHarmonicity.value(of: flat) == 0)
  }

  @Test func aLineHasNoWidth() {
    var line = [Float](repeating: 0, count: 257)
    line[40] = 3
    let shape = SpectralShape(of: line, binWidth: 31.25)
    #expect(shape.centroid == 1250 && isClose(shape.entropy, 0) && shape.variance == 0 && shape.kurtosis == 0)
    #expect((0..<4).allSatisfy { shape.rollOff[$0] == 1250 })
    // A straight line of power has its own slope.
    let ramp = (0..<257).map { Float($0) * 0.25 }
    #expect(isClose(SpectralShape(of: ramp, binWidth: 31.25).slope * 31.25, 0.25))
  }

  /// Peaks of 5 and 7 with a valley of 1 between: differences of 4 and 6.
  @Test func harmonicityIsWhatPeaksStandOutOfTheValleys() {
    var power = [Float](repeating: 2, count: 257)
    power.replaceSubrange(50..<57, with: [3, 4, 5, 4, 3, 2.5, 2.2])
    power.replaceSubrange(57..<65, with: [1.5, 1, 1.5, 3, 6, 7, 6, 3])
    #expect(isClose(SpectralHarmonicity.value(of: power), (4.0 + 6) / 2 / 256))
  }

  /// The bin at 0 Hz does not count.
  @Test func sharpnessGrowsWithTheFrequency() {
    let sharpness = Sharpness(binCount: 257, sampleRate: 16_000)
    let values = [8, 32, 64, 128, 240].map { bin in
      var power = [Float](repeating: 0, count: 257)
      (power[0], power[bin]) = (9, 1)
      return sharpness.value(of: power)
    }
    #expect(values == values.sorted())
    // 1 kHz lies at 8.53 Bark, 7.5 kHz at 20.86, where it counts 2.36 times.
    #expect(isClose(values[1], 0.11 * 8.527) && isClose(values[4], 5.4226))
    #expect(sharpness.value(of: [Float](repeating: 0, count: 257)) == 0)
  }

  /// A tone of 50 Hz is taken away, and so is what does not change; between lies what passes.
  @Test func rastaLetsPassWhatChangesAsSpeechDoes() {
    let filter = RastaFilter(frameRate: 100)
    func gain(at frequency: Double) -> Float {
      var values = (0..<2000).map { Float(cos(2 * .pi * frequency * Double($0) / 100)) }
      filter.apply(to: &values, channelCount: 1)
      #expect(values.prefix(RastaFilter.settling).allSatisfy { $0 == 0 })
      return values.suffix(1000).map(abs).max() ?? 0
    }
    #expect(gain(at: 0) < 1e-5 && gain(at: 50) < 1e-5 && gain(at: 29) < 1e-5)
    #expect(gain(at: 4) > 10 * gain(at: 0.05) && gain(at: 4) > 3 * gain(at: 25))
  }

  @Test func rastaKeepsItsChannelsApart() {
    let filter = RastaFilter(frameRate: 100)
    let first = (0..<50).map { Float($0 * $0 % 17) }
    let second = (0..<50).map { Float($0 * 5 % 11) }
    var (one, other) = (first, second)
    var both = zip(first, second).flatMap { [$0, $1] }
    filter.apply(to: &one, channelCount: 1)
    filter.apply(to: &other, channelCount: 1)
    filter.apply(to: &both, channelCount: 2)
    #expect(both == zip(one, other).flatMap { [$0, $1] })
    var short: [Float] = [1, 2, 3]
    filter.apply(to: &short, channelCount: 1)
    #expect(short == [0, 0, 0])
  }

  @Test func zeroCrossingsAreChangesOfTheSign() {
    func rate(_ samples: [Float]) -> Float { ZeroCrossings.rate(of: samples.span) }
    let tone = (0..<1600).map { (place: Int) -> Float in Float(sin(2 * .pi * (Double(place) + 0.5) / 16)) }
    #expect(abs(rate(tone) - 0.125) < 2e-3)
    // Through 0 is one change, to 0 and back none; what 16 bits cannot tell from 0 is 0.
    #expect(rate([-1, -1, 0, 1, 1, 1, 1, 1]) == 1 / 8.0)
    #expect(rate([1, 1, 0, 1, 1, 1, 1, 1]) == 0)
    #expect(rate([1, 1, -1e-6, 1, 1, 1, 1, 1]) == 0)
    #expect(rate([0.1, 0.1, -0.1, 0.1, 0.1, 0.1, 0.1, 0.1]) == 2 / 8.0)
    #expect(rate([Float](repeating: 0, count: 960)) == 958 / 960.0)
  }

  /// A level that is the same in all bands has no cepstrum but the part that is not told.
  @Test func aLevelAloneHasNoCepstrum() {
    let cepstrum = LifteredCepstrum(count: 14, bandCount: 26)
    var values = [Float](repeating: .nan, count: 16)
    cepstrum.apply(to: [Float](repeating: 3, count: 26), into: &values, at: 1)
    #expect(values[0].isNaN && values[15].isNaN && values[1...14].allSatisfy { abs($0) < 1e-4 })
    // The third cosine has the third coefficient: √(2/26) × 13, and its weight.
    let cosine = (0..<26).map { (band: Int) -> Float in Float(cos(.pi * 3 * (Double(band) + 0.5) / 26)) }
    cepstrum.apply(to: cosine, into: &values, at: 1)
    let weight: Double = 1 + 11 * sin(.pi * 3 / 22)
    let coefficient = (2.0 / 26).squareRoot() * 13 * weight
    #expect(isClose(values[3], coefficient))
    #expect(abs(values[2]) < 1e-4 && abs(values[4]) < 1e-4)
  }

  /// Two neighbouring triangles have 1 together, wherever one has its top.
  @Test func theTrianglesAddUpToOne() {
    let bank = MelFilterBank(unitTriangles: 26, binCount: 257, sampleRate: 16_000, lowest: 20, highest: 8000)
    var sums = [Float](repeating: 0, count: 257)
    for band in bank.bands {
      for (place, weight) in band.weights.enumerated() { sums[band.firstBin + place] += bank.weights[weight] }
    }
    let inner = (0..<257).filter { (bank.centres[0]...bank.centres[25]).contains(Double($0) * 31.25) }
    #expect(inner.count > 200 && inner.allSatisfy { abs(sums[$0] - 1) < 1e-5 })
    #expect(sums[0] == 0 && sums[1] == 0 && sums[2] > 0)
    #expect(abs(bank.centres[0] - 89.61) < 0.01 && bank.centres == bank.centres.sorted())
  }

  /// Hermansky's curve: little at low frequencies, most between 3 and 4 kHz.
  @Test func theEarHearsBestBetweenThreeAndFourKilohertz() {
    let loudest = stride(from: 50.0, to: 8000, by: 50).max {
      EqualLoudness.weight(at: $0) < EqualLoudness.weight(at: $1)
    }
    #expect(loudest.map { (3000...4000).contains($0) } == true)
    #expect(EqualLoudness.weight(at: 100) < 0.02 * EqualLoudness.weight(at: 3000))
  }
}
