import Foundation
import NeuralNetwork
import Platform
import SignalProcessing
import TestSupport
import Testing

@Suite struct TonalityTests {
  private static let rate = 16_000
  private static let length = 48_128

  /// From tools/tonality_reference.py.
  @Test(arguments: [
    (0, 1.18922, 0.60811), (256, 1.14610, 0.58234), (7936, 0.91287, 0.76449), (20_480, 1.03261, 0.73992),
    (31_872, 1.10375, 0.59943),
  ])
  func modeAndClarityAgreeWithTheReference(start: Int, mode: Float, clarity: Float) throws {
    let audio = try Fixture.tensors("musicnn-golden.safetensors").tensor("audio").values
    var tonality = Tonality(sampleRate: 16_000)
    let values = tonality.describe(audio.span.extracting(start..<start + Self.length), startingAt: start)
    #expect(abs(values.mode - mode) < 1e-3)
    #expect(abs(values.clarity - clarity) < 1e-3)
  }

  /// A scale over its triad, from `tonic` Hz.
  private func piece(_ steps: [Int], tonic: Double, gain: Double = 1) -> [Float] {
    (0..<Self.length).map { index in
      let time = Double(index) / Double(Self.rate)
      var value = 0.0
      let note = steps[Int(time * 5) % steps.count]
      for (semitones, weight) in [(0, 1.0), (steps[2], 1.0), (7, 1.0), (note + 12, 1.0)] {
        let frequency = tonic * pow(2, Double(semitones) / 12)
        for partial in 1...4 { value += weight / Double(partial) * sin(2 * .pi * frequency * Double(partial) * time) }
      }
      return Float(gain * 0.05 * value)
    }
  }

  @Test(arguments: 0..<12)
  func majorIsAboveMinorInEveryKey(tonic: Int) {
    let frequency = 110 * pow(2, Double(tonic) / 12)
    var tonality = Tonality(sampleRate: 16_000)
    func describe(_ steps: [Int]) -> (mode: Float, clarity: Float) {
      tonality.restart()
      return tonality.describe(piece(steps, tonic: frequency).span, startingAt: 0)
    }
    let major = describe([0, 2, 4, 5, 7, 9, 11])
    let minor = describe([0, 2, 3, 5, 7, 8, 11])
    let chromatic = describe([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    #expect(major.mode > 0.5 && minor.mode < 0, "\(major) \(minor)")
    #expect(major.clarity > 0.7 && minor.clarity > 0.7, "\(major) \(minor)")
    #expect(chromatic.clarity < min(major.clarity, minor.clarity))
  }

  @Test func theLevelMakesNoDifference() {
    var tonality = Tonality(sampleRate: 16_000)
    let steps = [0, 2, 3, 5, 7, 8, 10]
    let loud = tonality.describe(piece(steps, tonic: 130).span, startingAt: 0)
    tonality.restart()
    let quiet = tonality.describe(piece(steps, tonic: 130, gain: 0.03).span, startingAt: 0)
    #expect(abs(loud.mode - quiet.mode) < 1e-3 && abs(loud.clarity - quiet.clarity) < 1e-3)
  }

  @Test func silenceHasNoKey() {
    var tonality = Tonality(sampleRate: 16_000)
    #expect(tonality.describe([Float](repeating: 0, count: Self.length).span, startingAt: 512) == (0, 0))
    #expect(KeyProfiles.fit(Array(repeating: 3, count: 12)) == (0, 0))
  }

  /// Whatever was heard before, and however far the window moved: frames that are kept are those that would be computed.
  @Test func aWindowThatMovesIsTheSameAsOneByItself() {
    let audio = TestSignal.music(seconds: 12, rate: Self.rate)
    var generator = SeededGenerator(seed: 3)
    var moving = Tonality(sampleRate: 16_000)
    var start = 0
    for _ in 0..<40 {
      let step = Int.random(in: 0...30, using: &generator) * 256
      start = start + step + Self.length > audio.count ? step : start + step
      var fresh = Tonality(sampleRate: 16_000)
      let window = audio.span.extracting(start..<start + Self.length)
      #expect(moving.describe(window, startingAt: start) == fresh.describe(window, startingAt: start))
    }
  }
}
