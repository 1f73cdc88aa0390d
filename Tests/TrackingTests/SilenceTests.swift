import Affect
import Embedding
import EmotionModel
import Foundation
import NeuralNetwork
import Platform
import ShippedModels
import TestSupport
import Testing
import Tracking

/// What the values do when there is no music, with the shipped networks.
@Suite struct SilenceTests {
  private static let rate = 16_000
  private static let hop = 0.25

  /// - Parameter hearsSpeech: whether speech counts as silence.
  private func tracker(hearsSpeech: Bool = false) throws -> AffectTracker {
    var silence = SilenceSettings()
    silence.includesSpeech = hearsSpeech
    let model = try SafetensorsFile(path: ShippedModel.emotion.locate())
    let embedder = try MusiCNN(
      weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()), additions: MusiCNNAdditions(from: model))
    let regressor = try EmotionModelFile.load(
      model, embedding: embedder.identifier, dimension: embedder.dimension)
    let tracker = AffectTracker(
      embedder: embedder, regressor: regressor,
      settings: TrackerSettings(hop: Hop(seconds: Self.hop)!, smoothing: .none, silence: silence))
    tracker.note(.networksReady)
    tracker.note(.input(.open))
    tracker.begin(inputRate: Self.rate)
    return tracker
  }

  private func run(_ tracker: AffectTracker, _ samples: [Float]) -> [AffectEstimate] {
    var estimates: [AffectEstimate] = []
    for start in stride(from: 0, to: samples.count, by: 1000) {
      tracker.push(samples.span.extracting(start..<min(start + 1000, samples.count))) { estimates.append($0) }
    }
    tracker.finish { estimates.append($0) }
    return estimates
  }

  private func noise(_ seconds: Double) -> [Float] {
    var generator = SeededGenerator(seed: 7)
    return (0..<Int(seconds * Double(Self.rate))).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
  }

  private static func hum(_ seconds: Double, dBFS: Double) -> [Float] {
    TestSignal.sine(50, amplitude: pow(10, dBFS / 20), seconds: seconds, rate: rate)
  }

  /// Kinds of silence, by name.
  private static func silence(_ kind: String, _ seconds: Double) -> [Float] {
    let count = Int(seconds * Double(rate))
    return switch kind {
    case "digital": Array(repeating: 0, count: count)
    case "hum": hum(seconds, dBFS: -65)
    case "offset": Array(repeating: 0.2, count: count)
    default: hum(seconds, dBFS: -65).map { $0 + 0.1 }
    }
  }

  /// The largest change from one tick to the next.
  private func largestStep(_ values: [Affect]) -> Float {
    zip(values, values.dropFirst()).map { max(abs($0.valence - $1.valence), abs($0.arousal - $1.arousal)) }.max() ?? 0
  }

  @Test(arguments: ["digital", "hum", "offset", "both"])
  func silenceHoldsTheValuesThenLetsThemDecayToNeutral(kind: String) throws {
    let estimates = try run(tracker(), noise(6) + Self.silence(kind, 20) + noise(6))
    let value = { (time: Double) in
      try #require(estimates.first { $0.audioTime == time }?.values?.smoothed)
    }
    let last = try value(6)
    // The tick at 6.25 may still hold a remainder of the resampler; from then on nothing moves.
    let held = try value(6.5)
    #expect(abs(held.arousal - last.arousal) < 0.03)
    for time in stride(from: 6.5, through: 13.5, by: 0.25) { #expect(try value(time) == held, "\(kind) at \(time)") }
    #expect(estimates.first { $0.audioTime == 8.75 }?.state == .tracking)
    #expect(estimates.first { $0.audioTime == 9 }?.state == .silent)
    // The silence is known at 9 s; it holds for five seconds and decays in ten.
    let decaying = estimates.filter { (14...24).contains($0.audioTime) }.compactMap { $0.values?.smoothed }
    #expect(zip(decaying, decaying.dropFirst()).allSatisfy { abs($1.arousal) <= abs($0.arousal) })
    #expect(largestStep(decaying) < 0.05)
    #expect(try value(24) == .neutral)
    #expect(try value(26) == .neutral)
    // Back without a jump, although there is no smoothing.
    let back = estimates.filter { $0.audioTime >= 26 }.compactMap { $0.values?.smoothed }
    #expect(largestStep(back) < 0.2, "\(kind): \(back.map(\.arousal))")
    #expect(abs(try value(32).arousal - last.arousal) < 0.1)
    #expect(estimates.last?.state == .tracking)
    // Held values have no raw ones.
    #expect(estimates.first { $0.audioTime == 12 }?.values?.raw == nil)
  }

  @Test func aShortRestHoldsTheValuesAndIsNotSilence() throws {
    let estimates = try run(tracker(), noise(5) + Self.silence("digital", 1) + noise(5))
    #expect(!estimates.contains { $0.state == .silent })
    let around = estimates.filter { $0.audioTime >= 5 }.compactMap { $0.values?.smoothed }
    #expect(largestStep(around) < 0.1)
  }

  @Test func fromSilenceAtTheStartTheFirstValueHasAWholeWindowOfMusic() throws {
    let estimates = try run(tracker(), Self.silence("hum", 10) + noise(4))
    #expect(estimates.first { $0.audioTime == 3.5 }?.values == nil)
    #expect(estimates.first { $0.audioTime == 9 }?.state == .silent)
    #expect(estimates.first { $0.audioTime == 11 }?.state == .warmingUp)
    let first = try #require(estimates.first { $0.values != nil })
    #expect((12.75...13.25).contains(first.audioTime))
    #expect(first.state == .tracking)
  }

  private func voice(_ seconds: Int) -> [Float] { TestSignal.voice(seconds: seconds, rate: Self.rate) }

  @Test func speechHoldsTheValuesLikeSilence() throws {
    let music = TestSignal.chords(seconds: 10, rate: Self.rate)
    let estimates = try run(tracker(hearsSpeech: true), music + voice(30) + music)
    let talk = estimates.filter { $0.state == .noMusic }
    let begin = try #require(talk.first).audioTime
    let end = try #require(talk.last).audioTime
    #expect(begin > 14 && begin < 24 && end > 40 && end < 45, "\(begin) to \(end)")
    #expect(talk.allSatisfy { $0.conditions == .speech && $0.values?.raw == nil })
    #expect(talk.map(\.audioTime) == estimates.map(\.audioTime).filter { (begin...end).contains($0) })
    // As after a silence: held for five seconds, neutral after ten more.
    let held = try #require(talk.first?.values?.smoothed)
    for estimate in talk.prefix(18) { #expect(estimate.values?.smoothed == held) }
    #expect(talk.first { $0.audioTime >= begin + 15.25 }?.values?.smoothed == .neutral)
    #expect(largestStep(talk.compactMap { $0.values?.smoothed }) < 0.05)
    // Back without a jump.
    let back = estimates.filter { $0.audioTime >= end }
    #expect(back.dropFirst().allSatisfy { $0.state == .tracking && $0.conditions.isEmpty })
    #expect(largestStep(back.compactMap { $0.values?.smoothed }) < 0.2)
  }

  @Test func speechThatDoesNotCountAsSilenceIsToldAndFollowed() throws {
    let estimates = try run(tracker(), voice(20))
    #expect(estimates.contains { $0.conditions == .speech })
    #expect(!estimates.contains { $0.state == .noMusic })
    #expect(estimates.last?.values?.raw != nil)
  }

  @Test func theGainIsHeardButNotPublishedAsLevel() throws {
    let quiet = noise(5).map { $0 * 0.05 }
    let amplified = try tracker()
    amplified.gain = 20 * log10(20)
    let loud = try #require(try run(tracker(), noise(5)).last)
    let estimate = try #require(run(amplified, quiet).last)
    let plain = try #require(try run(tracker(), quiet).last)
    #expect(abs(try #require(estimate.values).smoothed.arousal - (try #require(loud.values)).smoothed.arousal) < 1e-3)
    #expect(estimate.level == plain.level)
    #expect(abs(try #require(plain.values).smoothed.arousal - (try #require(loud.values)).smoothed.arousal) > 0.01)
  }
}
