import Embedding
import Foundation
import Platform
import SignalProcessing
import TestSupport
import Testing

/// Descriptors that listeners have names for, on sounds of which the answer is known.
@Suite struct MidLevelTests {
  private static let rate = 16_000
  private static let length = 48_000

  private func embed(_ features: inout MidLevelFeatures, _ audio: [Float], at start: Int = 0) -> [Float] {
    var embedding = [Float](repeating: .nan, count: features.dimension)
    features.embed(
      audio.span.extracting(start..<start + features.windowLength), startingAt: start, into: &embedding)
    return embedding
  }

  /// All values of three seconds, by name.
  private func describe(_ audio: [Float]) -> [String: Float] {
    var features = MidLevelFeatures()
    return Dictionary(uniqueKeysWithValues: zip(features.valueNames, embed(&features, audio)))
  }

  private func value(_ name: String, of audio: [Float]) -> Float { describe(audio)[name] ?? .nan }

  /// Short bursts of noise at some times, seconds.
  private func clicks(at times: [Double], using generator: inout SeededGenerator) -> [Float] {
    var audio = (0..<Self.length).map { _ in Float.random(in: -1e-4...1e-4, using: &generator) }
    for time in times {
      for place in 0..<320 where Int(time * Double(Self.rate)) + place < Self.length {
        audio[Int(time * Double(Self.rate)) + place] +=
          Float.random(in: -0.5...0.5, using: &generator) * expf(-Float(place) / 80)
      }
    }
    return audio
  }

  /// A tone with so many harmonics, each weaker than the one before.
  private func tone(_ frequency: Double, harmonics: ClosedRange<Int> = 1...6, seconds: Double = 3) -> [Float] {
    var audio = [Float](repeating: 0, count: Int(seconds * Double(Self.rate)))
    for harmonic in harmonics where frequency * Double(harmonic) < 7800 {
      let angle = 2 * .pi * frequency * Double(harmonic) / Double(Self.rate)
      for index in audio.indices {
        audio[index] += 0.1 / Float(harmonic) * Float(sin(angle * Double(index) + Double(harmonic)))
      }
    }
    return audio
  }

  private func mix(_ sounds: [[Float]]) -> [Float] {
    sounds[0].indices.map { index in sounds.reduce(Float(0)) { $0 + $1[index] } }
  }

  // MARK: - Pulse

  @Test func theTempoIsThatOfTheClicks() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<25 {
      // Slower and faster ones are heard an octave off, as people hear them.
      let tempo = Double.random(in: 80...170, using: &generator)
      let offset = Double.random(in: 0...0.3, using: &generator)
      let times = stride(from: offset, to: 3, by: 60 / tempo)
      let found = Double(value("tempo", of: clicks(at: Array(times), using: &generator)))
      #expect(abs(found / tempo - 1) < 0.01, "\(found) instead of \(tempo)")
    }
  }

  @Test func thePulseIsTheClearerTheSteadierTheClicks() {
    var generator = SeededGenerator(seed: 2)
    var clarities: [Float] = []
    for jitter in [0, 0.03, 0.06, 0.12] {
      var sum: Float = 0
      for _ in 0..<12 {
        let times = stride(from: 0.1, to: 2.9, by: 0.5).map {
          max(0, $0 + Double.random(in: -jitter...jitter, using: &generator))
        }
        sum += value("pulse_clarity", of: clicks(at: times, using: &generator))
      }
      clarities.append(sum / 12)
    }
    #expect(clarities[0] > 0.8)
    #expect(zip(clarities, clarities.dropFirst()).allSatisfy { $0 > $1 }, "\(clarities)")
    let noise = (0..<Self.length).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
    #expect(value("pulse_clarity", of: noise) < 0.4)
  }

  /// However loud they are, and though low tones beat with the frames.
  @Test func heldSoundsHaveNoPulse() {
    for frequency in [55.0, 110, 220, 440, 880] {
      for harmonics in [1...1, 1...6] {
        let clarity = value("pulse_clarity", of: tone(frequency, harmonics: harmonics))
        #expect(clarity < 0.5, "\(frequency) Hz, \(harmonics)")
      }
    }
    #expect(value("pulse_clarity", of: mix([tone(220), tone(275), tone(330)])) < 0.2)
    // Tempered, its partials beat.
    #expect(value("pulse_clarity", of: mix([tone(220), tone(277.2), tone(329.6)])) < 0.4)
    #expect(value("tempo", of: tone(440)) == 120)
  }

  // MARK: - Pitch and harmony

  @Test func thePitchIsThatOfTheTone() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<25 {
      let frequency = exp(Double.random(in: log(90)...log(2000), using: &generator))
      let found = Double(value("pitch", of: tone(frequency)))
      #expect(abs(found / frequency - 1) < 0.01, "\(found) Hz instead of \(frequency)")
    }
  }

  /// Sines have no harmonics that would help.
  @Test func thePitchOfSinesIsFound() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<25 {
      let frequency = exp(Double.random(in: log(110)...log(2000), using: &generator))
      let found = Double(value("pitch", of: tone(frequency, harmonics: 1...1)))
      #expect(abs(found / frequency - 1) < 0.01, "\(found) Hz instead of \(frequency)")
    }
  }

  @Test func aMissingFundamentalIsHeard() {
    for frequency in [150.0, 200, 250] {
      let found = Double(value("pitch", of: tone(frequency, harmonics: 3...8)))
      #expect(abs(found / frequency - 1) < 0.03, "\(found) Hz instead of \(frequency)")
    }
  }

  /// Chords in a row, each for so long.
  private func chords(_ chords: [[Int]], seconds: Double) -> [Float] {
    chords.flatMap { chord in
      mix(chord.map { tone(220 * exp2(Double($0) / 12), harmonics: 1...4, seconds: seconds) })
    }
  }

  @Test func majorIsAboveMinorAndKeysAreClear() {
    let major = describe(chords([[0, 4, 7], [5, 9, 12], [7, 11, 14], [0, 4, 7]], seconds: 0.75))
    let minor = describe(chords([[0, 3, 7], [5, 8, 12], [7, 11, 14], [0, 3, 7]], seconds: 0.75))
    #expect((major["mode"] ?? .nan) > 0.2 && (minor["mode"] ?? .nan) < -0.2)
    var generator = SeededGenerator(seed: 4)
    let noise = (0..<Self.length).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
    #expect((major["key_clarity"] ?? .nan) > value("key_clarity", of: noise) + 0.2)
  }

  @Test func theStateChangesWithTheChords() {
    let held = value("state_change", of: chords([[0, 4, 7]], seconds: 3))
    let slow = value("state_change", of: chords([[0, 4, 7], [3, 7, 10]], seconds: 1.5))
    let fast = value(
      "state_change", of: chords([[0, 4, 7], [3, 7, 10], [6, 10, 13], [2, 6, 9]], seconds: 0.75))
    #expect(held < 0.01 && held < slow && slow < fast, "\(held), \(slow), \(fast)")
  }

  // MARK: - Timbre

  @Test func brightnessIsTheShareAbove1500Hz() {
    var generator = SeededGenerator(seed: 5)
    let noise = (0..<Self.length).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
    #expect(abs(value("brightness", of: noise) - 6500 / 8000) < 0.02)
    // Smoothed again and again, it gets darker.
    var (last, dark) = (value("brightness", of: noise), noise)
    for _ in 0..<6 {
      var before: Float = 0
      dark = dark.map { sample in
        before = 0.6 * before + 0.4 * sample
        return before
      }
      let brightness = value("brightness", of: dark)
      #expect(brightness < last)
      last = brightness
    }
    #expect(value("brightness", of: TestSignal.sine(500, seconds: 3, rate: Self.rate)) < 0.1)
    #expect(value("brightness", of: TestSignal.sine(3000, seconds: 3, rate: Self.rate)) > 0.9)
  }

  /// The order of Plomp and Levelt, of tones with harmonics.
  @Test func intervalsAreAsRoughAsTheySound() {
    func roughness(_ semitones: Double) -> Float {
      value("roughness", of: mix([tone(440), tone(440 * exp2(semitones / 12))]))
    }
    let octave = roughness(12)
    let (fifth, third, tritone) = (roughness(7.02), roughness(3.86), roughness(6))
    let (second, semitone) = (roughness(2), roughness(1))
    #expect(octave < fifth && fifth < third && fifth < tritone, "\([octave, fifth, third, tritone])")
    #expect(third < second && tritone < second && second < semitone, "\([third, tritone, second, semitone])")
    #expect(value("roughness", of: tone(440)) < fifth)
  }

  /// Two partials are roughest about a quarter of the critical bandwidth apart.
  @Test func twoPartialsAreRoughestInBetween() {
    func roughness(_ distance: Float) -> Float {
      SpectralPeaks([
        SpectralPeaks.Peak(frequency: 1000, amplitude: 1),
        SpectralPeaks.Peak(frequency: 1000 + distance, amplitude: 0.5),
      ]).roughness
    }
    let roughest = stride(from: Float(1), to: 400, by: 1).max { roughness($0) < roughness($1) } ?? 0
    #expect((30...50).contains(roughest), "\(roughest) Hz")
    #expect(roughness(0) == 0 && roughness(300) < 0.05 * roughness(roughest))
  }

  @Test func equalPartialsAreRegularAndAlternatingOnesAreNot() {
    func irregularity(_ amplitudes: [Float]) -> Float {
      SpectralPeaks(
        amplitudes.enumerated().map {
          SpectralPeaks.Peak(frequency: 200 * Float($0.offset + 1), amplitude: $0.element)
        }
      ).irregularity
    }
    // What is left is the silence behind the last one.
    #expect(abs(irregularity(Array(repeating: 0.5, count: 15)) - 1 / 15) < 1e-5)
    #expect(irregularity((0..<20).map { $0 % 2 == 0 ? 1 : 0.1 }) > 1)
    #expect(irregularity([]) == 0)
    // Of two partials less than a semitone apart, the stronger one counts.
    let pair = SpectralPeaks([
      SpectralPeaks.Peak(frequency: 1000, amplitude: 0.2), SpectralPeaks.Peak(frequency: 1020, amplitude: 1),
    ])
    #expect(pair.irregularity == 1)
    let (flat, jagged) = (
      tone(200, harmonics: 1...6), mix([1, 3, 5].map { tone(200 * Double($0), harmonics: 1...1) })
    )
    #expect(value("regularity", of: flat) < value("regularity", of: jagged))
  }

  // MARK: - As an embedding

  @Test func theSixAreThoseOfTheNine() {
    var (all, six) = (MidLevelFeatures(), MidLevelFeatures(.six))
    #expect(all.dimension == 9 && six.dimension == 6 && all.identifier == "mid-9" && six.identifier == "mid-6")
    let audio = TestSignal.music(seconds: 4, rate: Self.rate)
    let values = Dictionary(uniqueKeysWithValues: zip(all.valueNames, embed(&all, audio, at: 800)))
    #expect(zip(six.valueNames, embed(&six, audio, at: 800)).allSatisfy { values[$0] == $1 })
  }

  /// Whatever windows came before, and after another stream.
  @Test func aWindowHasItsValuesFromWhereverOneComes() {
    var generator = SeededGenerator(seed: 6)
    let audio = TestSignal.music(seconds: 6, rate: Self.rate)
    var features = MidLevelFeatures()
    for _ in 0..<15 {
      let start = Int.random(in: 0...(audio.count - Self.length) / 800, using: &generator) * 800
      var fresh = MidLevelFeatures()
      let isSame = embed(&features, audio, at: start) == embed(&fresh, audio, at: start)
      #expect(isSame, "\(start)")
      if Bool.random(using: &generator) { features.restart() }
    }
  }

  @Test func anyWindowGivesNumbers() {
    var generator = SeededGenerator(seed: 7)
    let silence = describe(Array(repeating: 0, count: Self.length))
    #expect(silence.values.allSatisfy { $0.isFinite })
    #expect(silence["tempo"] == 120 && silence["pulse_clarity"] == 0 && silence["pitch"] == 0)
    #expect(silence["brightness"] == 0 && silence["roughness"] == 0 && silence["state_change"] == 0)
    for audio in [
      Array(repeating: 1, count: Self.length), (0..<Self.length).map { $0 % 2 == 0 ? 1 : -1 },
      (0..<Self.length).map { $0 == 20_000 ? 1 : 0 },
      (0..<Self.length).map { _ in Bool.random(using: &generator) ? 1 : -1 },
      (0..<Self.length).map { _ in Float.random(in: -1e-6...1e-6, using: &generator) },
      TestSignal.sine(40, seconds: 3, rate: Self.rate),
    ] as [[Float]] {
      #expect(describe(audio).values.allSatisfy { $0.isFinite })
    }
  }

  @Test func aFilterForTheVenueIsHeard() {
    let audio = TestSignal.music(seconds: 4, rate: Self.rate)
    var (plain, filtered) = (MidLevelFeatures(), MidLevelFeatures())
    filtered.use(VenueFilter(decibels: (0..<26).map { $0 < 14 ? 0 : 12 }))
    let brightness = 5
    let before = embed(&plain, audio)
    #expect(embed(&filtered, audio)[brightness] > before[brightness] + 0.05)
    filtered.use(nil)
    let isSame = embed(&filtered, audio) == before
    #expect(isSame)
  }
}
