import Affect
import Foundation
import Platform
import TestSupport
import Testing
import Tracking

@Suite struct FilterTests {
  @Test func oneEuroFollowsThePapersRecursion() {
    var filter = OneEuroFilter(.init(minimumCutoff: 0.5, beta: 2, derivativeCutoff: 1))
    #expect(filter.apply(1, interval: 0.5) == 1)
    // By hand: speed' = 0 + a(1) · (2 - 1)/0.5, a(f) = 1 / (1 + 1/(2π f · 0.5)).
    func weight(_ cutoff: Double) -> Double { 1 / (1 + 1 / (2 * .pi * cutoff * 0.5)) }
    let speed = weight(1) * 2
    let expected = 1 + weight(0.5 + 2 * speed) * 1
    #expect(abs(filter.apply(2, interval: 0.5) - expected) < 1e-12)
  }

  @Test func oneEuroIsCalmAtRestAndQuickAtAChange() {
    var filter = OneEuroFilter()
    var generator = SeededGenerator(seed: 1)
    var resting: [Double] = []
    for _ in 0..<400 {
      resting.append(filter.apply(Double.random(in: -0.05...0.05, using: &generator), interval: 0.25))
    }
    let deviation = (resting.dropFirst(40).map { $0 * $0 }.reduce(0, +) / 360).squareRoot()
    #expect(deviation < 0.02)
    var steps = 0
    while filter.apply(0.8, interval: 0.25) < 0.64 { steps += 1 }
    #expect(steps <= 4)
  }

  @Test func adaptiveIsCalmAtRestAndQuickAtAChange() {
    var filter = AdaptiveFilter()
    var generator = SeededGenerator(seed: 1)
    var resting: [Double] = []
    for _ in 0..<400 {
      let input = Affect(
        valence: Float.random(in: -0.1...0.1, using: &generator),
        arousal: Float.random(in: -0.1...0.1, using: &generator))
      resting.append(Double(filter.apply(input, interval: 0.25).arousal))
    }
    let deviation = (resting.dropFirst(40).map { $0 * $0 }.reduce(0, +) / 360).squareRoot()
    #expect(deviation < 0.01)
    // A step of one value carries the other along.
    var steps = 0
    while filter.apply(Affect(valence: 0.1, arousal: 0.8), interval: 0.25).arousal < 0.64 { steps += 1 }
    #expect(steps <= 4)
    #expect(filter.apply(Affect(valence: 0.1, arousal: 0.8), interval: 0.25).valence > 0.08)
  }

  @Test func adaptiveIsTheSameAtEveryHopWhileItIsClosed() {
    // A slope that is too slow to open it: in a low-pass of 0.025 Hz it lags by slope / (2π 0.025).
    for interval in [0.05, 0.25, 0.5] {
      var filter = AdaptiveFilter()
      var output: Affect?
      for tick in 0..<Int(80 / interval) {
        let arousal = Float(0.01 * Double(tick) * interval)
        output = filter.apply(Affect(valence: 0, arousal: arousal), interval: interval)
      }
      let lag = 0.01 / (2 * Double.pi * 0.025)
      #expect(abs(Double(output?.arousal ?? 0) - (0.8 - lag)) < 0.01)
    }
  }

  @Test func adaptiveDoesNotOpenForASingleOddValue() {
    var filter = AdaptiveFilter()
    for _ in 0..<40 { _ = filter.apply(.neutral, interval: 0.05) }
    let odd = filter.apply(Affect(valence: 0, arousal: 1), interval: 0.05)
    #expect(abs(odd.arousal) < 0.02)
    // Three quarters of a second of it are a change.
    var last = odd
    for _ in 0..<15 { last = filter.apply(Affect(valence: 0, arousal: 1), interval: 0.05) }
    #expect(last.arousal > 0.8)
  }

  @Test func adaptiveGoesOnFromWhereItIsTold() {
    var filter = AdaptiveFilter()
    _ = filter.apply(Affect(valence: 1, arousal: 1), interval: 0.5)
    filter.restart(at: Affect(valence: -0.5, arousal: 0.25))
    #expect(filter.apply(Affect(valence: -0.5, arousal: 0.25), interval: 0.5) == Affect(valence: -0.5, arousal: 0.25))
    filter.restart(at: nil)
    #expect(filter.apply(Affect(valence: 0.75, arousal: 0), interval: 0.5) == Affect(valence: 0.75, arousal: 0))
  }

  @Test func aConstantPassesEveryFilterUnchanged() {
    var filter = OneEuroFilter()
    for _ in 0..<10 { #expect(filter.apply(0.25, interval: 0.5) == 0.25) }
  }

  @Test func smoothingIsNamedAsOnTheCommandLine() {
    #expect(Smoothing("adaptive") == .adaptive)
    #expect(Smoothing("one-euro") == .oneEuro(.standard))
    #expect(Smoothing("none") == Smoothing.none)
    #expect(Smoothing("exponential:2.5") == .exponential(2.5))
    for text in ["", "exponential", "exponential:", "exponential:0", "exponential:-1", "exponential:nan", "mean"] {
      #expect(Smoothing(text) == nil)
    }
  }
}
