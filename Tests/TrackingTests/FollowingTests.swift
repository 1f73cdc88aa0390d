import Affect
import Embedding
import EmotionModel
import Foundation
import SignalProcessing
import TestSupport
import Testing
import Tracking

/// Gaps, held values, trend and quadrant, with a network that is easy to foretell. Windows last a second.
@Suite struct FollowingTests {
  private func tracker(
    hop: Double = 0.25, smoothing: Smoothing = .none, confidence: Float? = nil,
    calls: ProbeRegressor.Calls = ProbeRegressor.Calls()
  ) -> AffectTracker {
    let tracker = AffectTracker(
      embedder: MeanProbe(), regressor: ProbeRegressor(confidence: confidence, calls: calls),
      settings: TrackerSettings(hop: Hop(seconds: hop)!, smoothing: smoothing))
    tracker.note(.networksReady)
    tracker.note(.input(.open))
    tracker.begin(inputRate: 1000)
    return tracker
  }

  /// Audio whose mean is `mean`, loud enough to be no silence.
  private func audio(_ mean: Float, _ seconds: Double) -> [Float] {
    (0..<Int(seconds * 1000)).map { mean + ($0 % 2 == 0 ? 0.1 : -0.1) }
  }

  private func push(_ tracker: AffectTracker, _ samples: [Float]) -> [AffectEstimate] {
    var estimates: [AffectEstimate] = []
    tracker.push(samples.span) { estimates.append($0) }
    return estimates
  }

  @Test func audioTimeGoesOnOverAGapAndTheGapIsTold() throws {
    let tracker = tracker()
    let before = push(tracker, audio(0.5, 2))
    #expect(before.last?.audioTime == 2)
    #expect(before.allSatisfy { $0.gap == 0 })
    tracker.note(.input(.lost))
    // While the device is away the ticks go on with the last value.
    let idle = try #require(tracker.idle(at: 3.1))
    #expect(idle.audioTime == 3 && idle.state == .reconnecting && idle.values?.smoothed.valence == 0.5)
    #expect(idle.values?.raw == nil)
    #expect(tracker.idle(at: 3.2) == nil)
    tracker.note(.input(.open))
    // It comes back at another rate, not on a tick.
    tracker.begin(inputRate: 2000, origin: 5.1, gap: 3.1)
    let samples = audio(-0.5, 4)  // 2 s at 2000 Hz
    let after = push(tracker, samples)
    #expect(after.map(\.audioTime) == [5.25, 5.5, 5.75, 6, 6.25, 6.5, 6.75, 7])
    #expect(after.map(\.tick) == after.map { Int($0.audioTime * 4) })
    #expect(after.map(\.gap) == [3.1, 0, 0, 0, 0, 0, 0, 0])
    // Held until the window is full of the new audio, and then not at once.
    #expect(after.prefix(3).allSatisfy { $0.values?.smoothed.valence == 0.5 && $0.state == .warmingUp })
    let values = after.compactMap { $0.values?.smoothed.valence }
    #expect(zip(values, values.dropFirst()).allSatisfy { $1 <= $0 && $0 - $1 < 0.3 })
    let later = push(tracker, samples)
    #expect(abs(try #require(later.last?.values).smoothed.valence + 0.5) < 0.01)
    #expect(later.last?.state == .tracking)
  }

  @Test func aTickThatWasToldWhileNothingCameIsNotToldAgain() {
    let tracker = tracker()
    _ = push(tracker, audio(0.5, 2))
    #expect(tracker.idle(at: 3.6)?.tick == 14)
    // The device's clock and ours differ: the audio begins a little before that.
    tracker.begin(inputRate: 1000, origin: 3.2, gap: 1.2)
    let after = push(tracker, audio(0.5, 1))
    #expect(after.map(\.tick) == [15, 16])
    #expect(after.first?.gap == 1.2)
  }

  @Test func frozenValuesStandStillAndComeBackWithoutAJump() throws {
    let tracker = tracker()
    _ = push(tracker, audio(0.5, 2))
    tracker.isFrozen = true
    let frozen = push(tracker, audio(-0.5, 3))
    #expect(frozen.allSatisfy { $0.isFrozen && $0.values?.smoothed.valence == 0.5 && $0.state == .tracking })
    tracker.isFrozen = false
    let values = push(tracker, audio(-0.5, 3)).compactMap { $0.values?.smoothed.valence }
    #expect(abs(try #require(values.first) - 0.25) < 0.01)
    #expect(abs(try #require(values.last) + 0.5) < 0.01)
  }

  @Test func aResetForgetsTheValuesUntilAWindowIsFull() {
    let tracker = tracker()
    _ = push(tracker, audio(0.5, 2))
    tracker.reset()
    tracker.begin(inputRate: 1000, origin: 2)
    let after = push(tracker, audio(-0.5, 2))
    #expect(after.prefix(3).allSatisfy { $0.values == nil && $0.state == .warmingUp })
    #expect(after.first { $0.values != nil }?.audioTime == 3)
    #expect(abs((after.last?.values?.smoothed.valence ?? 0) + 0.5) < 0.01)
  }

  @Test func theTrendIsTheSlopeOfTheValues() throws {
    let tracker = tracker()
    // The mean of a ramp of 0.1 per second rises by as much.
    let ramp = (0..<8000).map { Float($0) * 1e-4 + ($0 % 2 == 0 ? 0.1 : -0.1) }
    let trend = try #require(push(tracker, ramp).last?.values?.trend)
    #expect(abs(trend.valence - 0.1) < 1e-3)
    #expect(abs(trend.arousal + 0.1) < 1e-3)
    _ = push(tracker, audio(0.8, 6))
    let steady = try #require(push(tracker, audio(0.8, 1)).last?.values?.trend)
    #expect(abs(steady.valence) < 1e-3)
  }

  @Test func theQuadrantDoesNotFlickerAroundZero() throws {
    let tracker = tracker()
    let quadrant = { (mean: Float) in try #require(self.push(tracker, self.audio(mean, 2)).last?.values?.quadrant) }
    // Arousal is the negative of valence here.
    #expect(try quadrant(0.5) == .four)
    #expect(try quadrant(-0.03) == .four)
    #expect(try quadrant(0.03) == .four)
    #expect(try quadrant(-0.2) == .two)
    #expect(try quadrant(0.03) == .two)
    #expect(try quadrant(0.06) == .four)
    tracker.deadBand = 0
    #expect(try quadrant(-0.03) == .two)
  }

  @Test func anotherSmoothingGoesOnAtThePresentValue() throws {
    let tracker = tracker(smoothing: .exponential(1))
    _ = push(tracker, audio(0.5, 4))
    tracker.smoothing = .exponential(100)
    let values = push(tracker, audio(-0.5, 2)).compactMap { $0.values?.smoothed.valence }
    #expect(values.allSatisfy { $0 > 0.4 })
  }

  @Test func confidenceIsAbsentFromAModelThatHasNone() throws {
    let tracker = tracker()
    #expect(try #require(push(tracker, audio(0.5, 2)).last?.values).confidence == nil)
  }

  @Test func theConfidenceIsToldWhileTheValuesFollowTheMusic() throws {
    let tracker = tracker(confidence: 0.75)
    #expect(push(tracker, audio(0.5, 2)).compactMap { $0.values?.confidence } == Array(repeating: 0.75, count: 5))
    // Held through a rest, frozen, and without a device: nobody says how near the values are.
    let rest = push(tracker, [Float](repeating: 0, count: 1000))
    #expect(rest.allSatisfy { $0.values != nil && $0.values?.confidence == nil })
    #expect(push(tracker, audio(0.5, 2)).last?.values?.confidence == 0.75)
    tracker.isFrozen = true
    #expect(try #require(push(tracker, audio(0.5, 1)).last?.values).confidence == nil)
    tracker.isFrozen = false
    #expect(push(tracker, audio(0.5, 1)).last?.values?.confidence == 0.75)
    tracker.note(.input(.lost))
    #expect(try #require(tracker.idle(at: 100)?.values).confidence == nil)
  }

  @Test func theModelBeginsAnewWithAStreamAfterAGapAndAtAReset() {
    let calls = ProbeRegressor.Calls()
    let tracker = tracker(calls: calls)
    func restarts(_ body: () -> Void) -> Int {
      let before = calls.restarts
      body()
      return calls.restarts - before
    }
    #expect(restarts { _ = push(tracker, audio(0.5, 3)) } == 0)
    #expect(restarts { tracker.noteGap(0.2) } == 1)
    #expect(restarts { tracker.begin(inputRate: 1000, origin: 5, gap: 2) } == 1)
    #expect(restarts { tracker.reset() } == 1)
    // And what it was shown to get ready is forgotten.
    #expect(restarts { tracker.warmUp() } == 1)
  }

  @Test func theModelHearsTheVenueInMusicAlone() {
    let calls = ProbeRegressor.Calls()
    let tracker = tracker(calls: calls)
    tracker.warmUp()
    #expect(calls.estimates == 1 && calls.musicEstimates == 0)
    _ = push(tracker, audio(0.5, 3))
    #expect(calls.musicEstimates == 9 && calls.estimates == 10)
    // From the first quiet tick until the window holds none of the silence any more.
    _ = push(tracker, [Float](repeating: 0, count: 3000))
    let heard = calls.musicEstimates
    #expect(heard <= 11)
    _ = push(tracker, audio(0.5, 0.75))
    #expect(calls.musicEstimates == heard)
    _ = push(tracker, audio(0.5, 2))
    #expect(calls.musicEstimates > heard)
  }

  @Test func theModelForgetsTheVenueWhenItIsCalibrated() {
    let calls = ProbeRegressor.Calls()
    let tracker = tracker(calls: calls)
    _ = push(tracker, audio(0.5, 2))
    tracker.begin(inputRate: 1000, origin: 3, gap: 1)
    tracker.reset()
    #expect(calls.forgottenVenues == 0)
    tracker.gain = 6
    tracker.gain = 6
    #expect(calls.forgottenVenues == 1)
    tracker.filter = VenueFilter(limiting: [Double](repeating: 1, count: ThirdOctaves.centres.count))
    #expect(calls.forgottenVenues == 2)
  }

  @Test func theModelIsToldOfTicksThatItDoesNotHear() {
    let calls = ProbeRegressor.Calls()
    let tracker = tracker(calls: calls)
    _ = push(tracker, audio(0.5, 2))
    #expect(calls.estimates == 5 && calls.skips == 0)
    tracker.push(audio(0.5, 0.75).span, isBehind: true) { _ in }
    #expect(calls.estimates == 5 && calls.skips == 3)
    // Ticks that were told of while nothing came are not evaluated when their audio comes after all.
    _ = tracker.idle(at: 3.25)
    _ = push(tracker, audio(0.5, 1))
    #expect(calls.estimates == 7 && calls.skips == 5)
  }
}
