import Testing
import affectctl

@Suite struct StepResponseTests {
  /// Excerpts of 10 s at these levels, a value every 0.25 s; after a cut it takes `delay` seconds to the new level.
  private func curve(_ levels: [Double], delay: Double) -> [(time: Double, value: Double)] {
    (1...levels.count * 40).map { tick in
      let time = Double(tick) / 4
      // The tick at a cut belongs to the excerpt before.
      let excerpt = (tick - 1) / 40
      let isLate = excerpt > 0 && time - Double(excerpt) * 10 < delay
      return (time, levels[isLate ? excerpt - 1 : excerpt])
    }
  }

  private func evaluate(_ curve: [(time: Double, value: Double)], excerpts: Int) -> StepResponse? {
    StepResponse(curve: curve, excerptLength: 10, excerptCount: excerpts)
  }

  @Test func theDelayEndsAtTheFirstTickOfTheNewLevel() throws {
    let response = try #require(evaluate(curve([-0.5, 0.5, -0.25], delay: 3), excerpts: 3))
    #expect(
      response.cuts == [
        .init(time: 10, before: -0.5, after: 0.5, delay: 3), .init(time: 20, before: 0.5, after: -0.25, delay: 3),
      ])
    #expect(response.cuts.map(\.step) == [1, -0.75])
    #expect(response.deviations == [0, 0, 0])
    #expect(response.medianDelay == 3 && response.worstDelay == 3 && response.steadyDeviation == 0)
  }

  @Test func fourFifthsOfTheStepAreEnough() throws {
    // From 0 to 1 in the 4 s after the cut: 0.75 after 3 s is too little, 0.8125 at the next tick is enough.
    let ramp = (1...80).map { tick -> (time: Double, value: Double) in
      let time = Double(tick) / 4
      return (time, min(max((time - 10) / 4, 0), 1))
    }
    let response = try #require(evaluate(ramp, excerpts: 2))
    #expect(response.cuts == [.init(time: 10, before: 0, after: 1, delay: 3.25)])
  }

  @Test func aStepThatIsTooSmallHasNoDelay() throws {
    let response = try #require(evaluate(curve([0, 0.05, 0.5], delay: 2), excerpts: 3))
    #expect(response.cuts.map(\.delay) == [nil, 2])
    #expect(response.medianDelay == 2)
    let none = try #require(evaluate(curve([0, 0.05], delay: 2), excerpts: 2))
    #expect(none.medianDelay == nil && none.worstDelay == nil)
  }

  @Test func theDeviationIsThatOfTheSecondHalf() throws {
    // Wild in the first half, ±0.1 in the second.
    let values = (1...40).map { tick -> (time: Double, value: Double) in
      let sign = tick % 2 == 0 ? 1.0 : -1
      return (Double(tick) / 4, sign * (tick <= 20 ? 1 : 0.1))
    }
    let response = try #require(evaluate(values, excerpts: 1))
    #expect(response.cuts.isEmpty)
    #expect(abs(try #require(response.steadyDeviation) - 0.1) < 1e-12)
  }

  @Test func medianAndWorstAreOverAllCuts() throws {
    // Delays of 1, 2 and 5 s.
    let levels = [0.0, 1, 0, 1]
    let delays = [0.0, 1, 2, 5]
    let values = (1...160).map { tick -> (time: Double, value: Double) in
      let time = Double(tick) / 4
      let excerpt = (tick - 1) / 40
      let isLate = time - Double(excerpt) * 10 < delays[excerpt]
      return (time, levels[isLate ? excerpt - 1 : excerpt])
    }
    let response = try #require(evaluate(values, excerpts: 4))
    #expect(response.cuts.map(\.delay) == [1, 2, 5])
    #expect(response.medianDelay == 2 && response.worstDelay == 5)
  }

  @Test func anExcerptWithoutValuesCannotBeEvaluated() {
    // Values up to 14 s only: the second excerpt's second half is empty.
    let values = curve([0, 1], delay: 1).filter { $0.time <= 14 }
    #expect(evaluate(values, excerpts: 2) == nil)
    #expect(evaluate(values, excerpts: 1) != nil)
  }

  @Test func theFirstValuesMayBeMissing() throws {
    let response = try #require(evaluate(curve([0, 1], delay: 1).filter { $0.time > 6 }, excerpts: 2))
    #expect(response.cuts == [.init(time: 10, before: 0, after: 1, delay: 1)])
  }
}
