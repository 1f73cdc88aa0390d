import Affect
import AudioInput
import Embedding
import EmotionModel
import Foundation
import SignalProcessing
import TestSupport
import Testing
import Tracking

/// An embedder whose embedding is a window's first and last sample, so that a test sees which window it was.
private struct WindowProbe: AudioEmbedder {
  let identifier = "probe"
  let sampleRate: Int
  let windowLength: Int
  let windowStep: Int
  let dimension = 2
  var log = Log()

  /// The first samples of the windows that were embedded.
  final class Log {
    var starts: [Int] = []
  }

  mutating func restart() {}

  mutating func use(_ filter: VenueFilter?) {}

  mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    log.starts.append(start)
    embedding[0] = window[0]
    embedding[1] = window[window.count - 1]
  }
}

/// A model that takes the probe's embedding for valence and arousal, in thousandths.
private struct WindowRegressor: EmotionRegressor {
  let card = ModelCard(
    name: "probe", kind: "probe", embedding: "probe", range: "-1..1", trainedOn: nil, scores: nil)
  let inputCount = 2

  mutating func restart() {}

  mutating func estimate(from embedding: [Float], isMusic: Bool) -> EmotionPrediction {
    EmotionPrediction(affect: Affect(valence: embedding[0] / 1000, arousal: embedding[1] / 1000))
  }
}

@Suite struct TrackerTests {
  private func tracker(
    hop: Double, smoothing: Smoothing = .none, inputRate: Int = 16_000, window: Int = 100, step: Int = 10,
    rate: Int = 16_000, log: WindowProbe.Log = WindowProbe.Log()
  ) -> AffectTracker {
    let tracker = AffectTracker(
      embedder: WindowProbe(sampleRate: rate, windowLength: window, windowStep: step, log: log),
      regressor: WindowRegressor(),
      settings: TrackerSettings(hop: Hop(seconds: hop)!, smoothing: smoothing))
    tracker.note(.networksReady)
    tracker.note(.input(.open))
    tracker.begin(inputRate: inputRate)
    return tracker
  }

  private func run(
    _ tracker: AffectTracker, _ samples: [Float], piece: Int, isBehind: (Int) -> Bool = { _ in false }
  ) -> [AffectEstimate] {
    var estimates: [AffectEstimate] = []
    for start in stride(from: 0, to: samples.count, by: piece) {
      tracker.push(
        samples.span.extracting(start..<min(start + piece, samples.count)), isBehind: isBehind(start)
      ) { estimates.append($0) }
    }
    tracker.finish { estimates.append($0) }
    return estimates
  }

  /// A ramp from 0 to 1 over a second: the value of a sample is its place.
  private func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0) / 16 } }

  @Test func aTickTakesTheLastWholeWindowThatEndsAtOrBeforeIt() throws {
    // Ticks every 1000 samples; windows of 2030 samples begin at multiples of 300.
    let estimates = run(tracker(hop: 0.0625, window: 2030, step: 300), ramp(8000), piece: 8000)
    #expect(estimates.count == 8)
    for estimate in estimates {
      let end = estimate.tick * 1000
      #expect(estimate.audioTime == Double(estimate.tick) * 0.0625)
      guard end >= 2030 else {
        #expect(estimate.values == nil)
        #expect(estimate.state == .warmingUp)
        continue
      }
      let start = (end - 2030) / 300 * 300
      let raw = try #require(estimate.values?.raw)
      #expect(estimate.state == .tracking)
      #expect(raw.valence == Float(start) / 16 / 1000)
      #expect(raw.arousal == Float(start + 2029) / 16 / 1000)
    }
  }

  @Test func theNetworkWorksAsSoonAsItsWindowIsWhole() {
    // The first tick ends at 1000 samples. Its window begins at 600 and ends at 900.
    let log = WindowProbe.Log()
    let tracker = tracker(hop: 0.0625, window: 300, step: 200, log: log)
    var ticks: [Int] = []
    var pushed = 0
    func push(to end: Int) {
      tracker.push(ramp(end).span.extracting(pushed..<end)) { ticks.append($0.tick) }
      pushed = end
    }
    push(to: 899)
    #expect(log.starts.isEmpty && ticks.isEmpty)
    push(to: 900)
    #expect(log.starts == [600] && ticks.isEmpty)
    push(to: 999)
    #expect(log.starts == [600] && ticks.isEmpty)
    push(to: 1000)
    #expect(log.starts == [600] && ticks == [1])
    // What is there already is handed over, even where the tracker is behind by then; the next tick is left out.
    push(to: 1900)
    #expect(log.starts == [600, 1600])
    tracker.push(ramp(2000).span.extracting(1900..<2000), isBehind: true) { ticks.append($0.tick) }
    tracker.push(ramp(3000).span.extracting(2000..<3000), isBehind: true) { ticks.append($0.tick) }
    #expect(log.starts == [600, 1600] && ticks == [1, 2] && tracker.skippedTickCount == 1)
  }

  @Test(arguments: [1, 7, 160, 1000, 100_000])
  func theWayTheInputIsCutDoesNotMatter(piece: Int) {
    let samples = TestSignal.music(seconds: 2, rate: 44_100).map { $0 * 900 }
    let make = { tracker(hop: 0.07, smoothing: .standard, inputRate: 44_100, window: 2030, step: 256) }
    #expect(run(make(), samples, piece: piece) == run(make(), samples, piece: 4410))
  }

  @Test(arguments: [0.05, 0.3333, 1.7, 5])
  func thereIsARowForEachWholeHop(hop: Double) {
    for (rate, count) in [(16_000, 80_000), (44_100, 220_500), (8_000, 40_000), (192_000, 960_000)] {
      let samples = [Float](repeating: 0.1, count: count)
      let estimates = run(tracker(hop: hop, inputRate: rate), samples, piece: 1000)
      #expect(estimates.map(\.tick) == Array(1...Int(5 / hop + 1e-9)))
    }
  }

  @Test func lessThanAWindowGivesRowsWithoutValues() {
    let estimates = run(tracker(hop: 0.05, window: 48_128), ramp(4000), piece: 100)
    #expect(estimates.count == 5)
    #expect(estimates.allSatisfy { $0.values == nil && $0.state == .warmingUp })
    #expect(run(tracker(hop: 0.05), [0.5], piece: 1).isEmpty)
  }

  @Test func ticksAreSkippedAndCountedWhileTheTrackerIsBehind() {
    let late = tracker(hop: 0.0625, window: 1000, step: 1)
    // Behind from 2000 to 6000: the ticks that are completed then are left out.
    let estimates = run(late, ramp(9000), piece: 1000) { (2000..<6000).contains($0) }
    #expect(estimates.map(\.tick) == [1, 2, 7, 8, 9])
    #expect(late.skippedTickCount == 4)
  }

  @Test func theFilterSeesTheTimeThatSkippedTicksTook() throws {
    let late = tracker(hop: 0.0625, smoothing: .exponential(1), window: 1000, step: 1)
    let estimates = run(late, ramp(9000), piece: 1000) { (2000..<6000).contains($0) }
    let (before, after) = (try #require(estimates[1].values), try #require(estimates[2].values))
    let weight = Float(1 - exp(-5 * 0.0625))
    let expected = try before.smoothed.arousal + weight * (#require(after.raw).arousal - before.smoothed.arousal)
    #expect(abs(after.smoothed.arousal - expected) < 1e-6)
  }

  @Test func theLevelIsThatOfTheHop() {
    let loud = TestSignal.sine(1000, seconds: 1, rate: 16_000)
    let quiet = [Float](repeating: 0, count: 16_000)
    let levels = run(tracker(hop: 0.5), quiet + loud + quiet, piece: 333).map(\.level)
    #expect(levels.map { ($0 * 10).rounded() / 10 } == [-120, -120, 0, 0, -120, -120])
  }
}
