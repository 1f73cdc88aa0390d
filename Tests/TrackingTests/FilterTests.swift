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

  @Test func aConstantPassesEveryFilterUnchanged() {
    var filter = OneEuroFilter()
    for _ in 0..<10 { #expect(filter.apply(0.25, interval: 0.5) == 0.25) }
  }

  @Test func smoothingIsNamedAsOnTheCommandLine() {
    #expect(Smoothing("one-euro") == .oneEuro(.standard))
    #expect(Smoothing("none") == Smoothing.none)
    #expect(Smoothing("exponential:2.5") == .exponential(2.5))
    for text in ["", "exponential", "exponential:", "exponential:0", "exponential:-1", "exponential:nan", "mean"] {
      #expect(Smoothing(text) == nil)
    }
  }
}
