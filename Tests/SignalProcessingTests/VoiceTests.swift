import Foundation
import Platform
import SignalProcessing
import TestSupport
import Testing

/// What is measured of voices, on voices of which the answer is known.
@Suite struct VoiceTests {
  private static let rate = 16_000.0
  private static let (length, step, transformLength) = (960, 160, 1024)

  /// Power spectra of all frames of 60 ms under a Gaussian window.
  private func spectra(of audio: [Float]) -> [[Float]] {
    let window = (0..<Self.transformLength).map { index -> Float in
      let place = (Double(index) - 479.5) / (0.4 * 479.5)
      return index < Self.length ? Float(exp(-0.5 * place * place)) : 0
    }
    var spectra = FilteredSpectra(
      frameLength: Self.transformLength, frameStep: Self.step, window: window, sampleRate: Self.rate)
    var result: [[Float]] = []
    let count = (audio.count - Self.length) / Self.step + 1
    spectra.compute(audio.span, startingAt: 0, count: count) { result.append($1) }
    return result
  }

  /// The fundamental frequency of every frame, 0 where there is none.
  private func frequencies(of audio: [Float]) -> [Float] {
    var summation = SubharmonicSummation(frameLength: Self.transformLength, sampleRate: Self.rate)
    let spectra = spectra(of: audio)
    var ring = FrameRing(width: SubharmonicSummation.valueCount)
    ring.move(to: 0..<spectra.count) { frames, values, place in
      for frame in frames {
        summation.apply(
          to: spectra[frame].map { $0.squareRoot() }, into: &values,
          at: place + frame * SubharmonicSummation.valueCount)
      }
    }
    var path = PitchPath(frameCount: spectra.count)
    path.follow(ring, at: 0) { _ in false }
    return path.frequencies
  }

  @Test func theFundamentalFrequencyIsFound() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<40 {
      let frequency = exp(Double.random(in: log(70)...log(500), using: &generator))
      let voice = TestVoice(
        frequency: frequency, seconds: 0.4, jitter: 0.002,
        formants: [(Double.random(in: 300...900, using: &generator), 90), (1500, 120), (2600, 160)],
        noise: 1e-4, using: &generator)
      for found in frequencies(of: voice.samples) {
        #expect(abs(Double(found) / frequency - 1) < 0.02, "\(found) Hz instead of \(frequency)")
      }
    }
  }

  @Test func whatIsNoVoiceHasNoPitch() {
    var generator = SeededGenerator(seed: 2)
    let noise = (0..<16_000).map { _ in Float.random(in: -0.5...0.5, using: &generator) }
    #expect(frequencies(of: noise).allSatisfy { $0 == 0 })
    #expect(frequencies(of: Array(repeating: 0, count: 16_000)).allSatisfy { $0 == 0 })
  }

  /// A frame whose best candidate is an octave off, one that is nearly unvoiced, and one that is a voice alone.
  @Test func theBestWayPassesOverSingleFrames() {
    let steady: [Float] = [200, 0.8, 100, 0.7]
    var rows = [[Float]](repeating: steady, count: 20)
    rows[5] = [100, 0.82, 200, 0.78]
    rows[9] = [200, 0.65]
    rows[15...19] = [[], [], [200, 0.72], [], []]
    var ring = FrameRing(width: SubharmonicSummation.valueCount)
    ring.move(to: 0..<rows.count) { _, values, place in
      for (row, candidates) in rows.enumerated() {
        for (column, value) in candidates.enumerated() {
          values[place + row * SubharmonicSummation.valueCount + column] = value
        }
      }
    }
    var path = PitchPath(frameCount: rows.count)
    path.follow(ring, at: 0) { _ in false }
    #expect(path.frequencies == Array(repeating: 200, count: 15) + Array(repeating: 0, count: 5))
    path.follow(ring, at: 0) { $0 == 3 }
    #expect(path.frequencies[2...4] == [200, 0, 200])
  }

  /// Jitter up to 2.5 %, shimmer up to 2 dB.
  @Test func jitterAndShimmerAreThoseOfThePulses() {
    var generator = SeededGenerator(seed: 3)
    var (jitter, shimmer): ([SIMD2<Float>], [SIMD2<Float>]) = ([], [])
    for _ in 0..<40 {
      let frequency = Double.random(in: 90...250, using: &generator)
      let voice = TestVoice(
        frequency: frequency, seconds: 1, jitter: .random(in: 0...0.02, using: &generator),
        shimmer: .random(in: 0...0.15, using: &generator), formants: [(600, 300), (1500, 300)], using: &generator)
      let count = (voice.samples.count - Self.length) / Self.step + 1
      var periods = PitchPeriods(
        frameCount: count, frameLength: Self.length, frameStep: Self.step, sampleRate: Self.rate)
      periods.measure(voice.samples.span, frequencies: Array(repeating: Float(frequency), count: count))
      jitter.append(SIMD2(Float(voice.jitter), mean(periods.jitter)))
      shimmer.append(SIMD2(Float(voice.shimmer), mean(periods.shimmer)))
    }
    #expect(correlation(jitter.map(\.x), jitter.map(\.y)) > 0.95)
    #expect(correlation(shimmer.map(\.x), shimmer.map(\.y)) > 0.95)
    // And as large, but for what one period lends to the next by its resonances.
    #expect(abs(mean(jitter.map { $0.y / $0.x }) - 1) < 0.4)
    #expect(abs(mean(shimmer.map { $0.y / $0.x }) - 1) < 0.25)
  }

  private func mean(_ values: [Float]) -> Float {
    let present = values.filter { !$0.isNaN }
    return present.reduce(0, +) / Float(present.count)
  }

  @Test func formantsAreThoseOfTheResonances() {
    var generator = SeededGenerator(seed: 4)
    var found: [[SIMD2<Float>]] = [[], [], []]
    for _ in 0..<40 {
      let truth = [
        Double.random(in: 350...900, using: &generator), .random(in: 1100...2100, using: &generator),
        .random(in: 2400...3200, using: &generator),
      ]
      let voice = TestVoice(
        frequency: .random(in: 90...250, using: &generator), seconds: 0.3, jitter: 0.01,
        formants: zip(truth, [80, 110, 150]).map { ($0, $1) }, noise: 1e-3, using: &generator)
      let window = hammingWindow(length: 320) + [Float](repeating: 0, count: 192)
      var spectra = FilteredSpectra(frameLength: 512, frameStep: 160, window: window, sampleRate: Self.rate)
      var analysis = FormantAnalysis(frameLength: 512, sampleRate: Self.rate)
      var rows: [[Float]] = []
      spectra.compute(voice.samples.span, startingAt: 0, count: 25) { _, power in
        var row = [Float](repeating: 0, count: FormantAnalysis.valueCount)
        analysis.apply(to: power, into: &row, at: 0)
        rows.append(row)
      }
      for index in 0..<3 { found[index].append(SIMD2(Float(truth[index]), mean(rows.map { $0[2 * index] }))) }
    }
    for pairs in found {
      #expect(correlation(pairs.map(\.x), pairs.map(\.y)) > 0.95)
      #expect(abs(mean(pairs.map { $0.y / $0.x }) - 1) < 0.03)
    }
  }

  @Test func harmonicsHaveTheirLevels() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<30 {
      let frequency = Double.random(in: 100...400, using: &generator)
      let levels = (0..<8).map { _ in Double.random(in: -15...0, using: &generator) }
      let audio = (0..<Self.length).map { index in
        levels.enumerated().reduce(Float(0)) { sum, harmonic in
          let angle = 2 * .pi * frequency * Double(harmonic.offset + 1) * Double(index) / Self.rate
          return sum + 0.1 * Float(pow(10, harmonic.element / 20) * sin(angle + Double(harmonic.offset)))
        }
      }
      let spectrum = spectra(of: audio)[0].map { 10 * log10f(max($0, 1e-18)) }
      var harmonics = HarmonicLevels(binWidth: Self.rate / Double(Self.transformLength))
      harmonics.read(spectrum.span, frequency: Float(frequency))
      #expect(abs(Double(harmonics.firstOverSecond) - (levels[0] - levels[1])) < 0.5, "\(frequency) Hz")
      // The strongest of those within a fifth of it.
      let formant = frequency * 5.1
      let strongest = max(levels[4], levels[5])
      let found = Double(harmonics.formantOverFirst(Float(formant)))
      #expect(abs(found - (strongest - levels[0])) < 0.5, "\(frequency) Hz")
      #expect(harmonics.formantOverFirst(.nan).isNaN)
    }
  }

  @Test func theAutocorrelationIsThatOfTheFrame() {
    var generator = SeededGenerator(seed: 6)
    let frame = (0..<1024).map { $0 < 600 ? Float.random(in: -1...1, using: &generator) : 0 }
    var power = [Float](repeating: 0, count: 513)
    RealFFT(length: 1024).powerSpectrum(of: frame, into: &power)
    var lags = [Float](repeating: 0, count: 303)
    Autocorrelation(frameLength: 1024).compute(power, count: 300, into: &lags, at: 3)
    let expected = (0..<300).map { lag in (0..<1024 - lag).reduce(Float(0)) { $0 + frame[$1] * frame[$1 + lag] } * 1024
    }
    #expect(Difference(Array(lags[3...]), expected).relativeToLargest < 1e-5)
  }

  @Test func polynomialsHaveTheirRoots() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      // Five pairs and a real one, inside the circle.
      let pairs = (0..<5).map { _ in
        (
          radius: Double.random(in: 0.2...0.99, using: &generator), angle: Double.random(in: 0.1...3, using: &generator)
        )
      }
      let real = Double.random(in: -0.9...0.9, using: &generator)
      var coefficients = [1.0, -real]
      for pair in pairs {
        let factor = [1, -2 * pair.radius * cos(pair.angle), pair.radius * pair.radius]
        var product = [Double](repeating: 0, count: coefficients.count + 2)
        for (i, a) in coefficients.enumerated() { for (j, b) in factor.enumerated() { product[i + j] += a * b } }
        coefficients = product
      }
      var roots = PolynomialRoots(degree: 11)
      roots.find(Array(coefficients.dropFirst()))
      for pair in pairs {
        let nearest = roots.roots.map {
          hypot($0.real - pair.radius * cos(pair.angle), abs($0.imaginary) - pair.radius * sin(pair.angle))
        }.min()
        #expect(nearest ?? .infinity < 1e-5)
      }
      #expect(roots.roots.contains { abs($0.imaginary) < 1e-6 && abs($0.real - real) < 1e-5 })
    }
  }

  /// Windows that are not Hann's, and that are shorter than the transform.
  @Test func batchesOfSpectraTakeAnyWindow() {
    var generator = SeededGenerator(seed: 8)
    let audio = (0..<6000).map { _ in Float.random(in: -1...1, using: &generator) }
    for length in [64, 256, 1024] {
      let window = (0..<length).map { _ in Float.random(in: 0...1, using: &generator) }
      var spectra = FilteredSpectra(frameLength: length, frameStep: 100, window: window, sampleRate: Self.rate)
      let transform = RealFFT(length: length)
      spectra.compute(audio.span, startingAt: 7, count: 20) { frame, power in
        var expected = [Float](repeating: 0, count: length / 2 + 1)
        transform.powerSpectrum(
          of: (0..<length).map { audio[7 + frame * 100 + $0] * window[$0] }, into: &expected)
        #expect(Difference(power, expected).relativeToLargest < 1e-5, "\(length), \(frame)")
      }
    }
  }
}
