import Affect
import Platform
import Publishing
import TestSupport
import Testing

/// What a receiver gets while the device is lost, tick by tick of a quarter of a second.
@Suite struct LossFaderTests {
  private static let missing: [TrackerState] = [.stalled, .reconnecting, .stopping]
  private static let policies: [LossPolicy] = [
    .hold, .decay(0), .decay(10), .fallback(Affect(valence: -1, arousal: 1)),
  ]

  /// Feeds a fader with ticks.
  private final class Ticks {
    private var fader: LossFader
    private var tick = 0

    init(_ policy: LossPolicy) { fader = LossFader(policy) }

    func next(_ affect: Affect?, _ state: TrackerState) -> Affect? {
      tick += 1
      return fader.apply(.sample(tick, affect, state: state))
    }

    /// `count` ticks that are alike.
    func next(_ count: Int, _ affect: Affect?, _ state: TrackerState) -> [Affect?] {
      (0..<count).map { _ in next(affect, state) }
    }
  }

  /// The larger of both differences.
  private func distance(_ first: Affect, _ second: Affect) -> Float {
    max(abs(first.valence - second.valence), abs(first.arousal - second.arousal))
  }

  private func largestStep(_ values: [Affect]) -> Float {
    zip(values, values.dropFirst()).map { distance($0, $1) }.max() ?? 0
  }

  @Test(arguments: policies)
  func nothingChangesWhileThereIsAnInput(_ policy: LossPolicy) {
    let ticks = Ticks(policy)
    var generator = SeededGenerator(seed: 1)
    for index in 0..<200 {
      let affect = Affect(
        valence: Float.random(in: -1...1, using: &generator), arousal: Float.random(in: -1...1, using: &generator))
      let state: TrackerState = [.tracking, .silent, .tracking, .warmingUp, .starting][index % 5]
      #expect(ticks.next(affect, state) == affect)
    }
  }

  @Test(arguments: policies)
  func beforeTheFirstValuesThereIsNothing(_ policy: LossPolicy) {
    let ticks = Ticks(policy)
    for state in [TrackerState.starting, .warmingUp, .silent] {
      #expect(ticks.next(nil, state) == nil)
    }
  }

  @Test func holdKeepsTheValues() {
    let ticks = Ticks(.hold)
    let affect = Affect(valence: 0.8, arousal: -0.6)
    for state in [TrackerState.tracking] + Self.missing {
      #expect(ticks.next(5, affect, state).allSatisfy { $0 == affect })
    }
    #expect(ticks.next(nil, .reconnecting) == nil)
  }

  @Test(arguments: [1, 4, 10], [TrackerState.stalled, .reconnecting])
  func decayGoesToNeutralInItsTimeAndNeverBack(_ seconds: Int, _ state: TrackerState) throws {
    let ticks = Ticks(.decay(Double(seconds)))
    let affect = Affect(valence: 0.8, arousal: -0.6)
    _ = ticks.next(affect, .tracking)
    let values = try ticks.next(seconds * 4 + 4, affect, state).map { try #require($0) }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0.valence >= $1.valence && $0.arousal <= $1.arousal })
    // A tick before the end it is near, at the end it is there.
    #expect(values[seconds * 4 - 2] != .neutral)
    #expect(values[(seconds * 4 - 1)...].allSatisfy { $0 == .neutral })
    let half = values[seconds * 2 - 1]
    #expect(abs(half.valence - 0.4) < 1e-6 && abs(half.arousal + 0.3) < 1e-6)
  }

  @Test func aDecayInNoTimeIsThereAtOnce() {
    let ticks = Ticks(.decay(0))
    _ = ticks.next(Affect(valence: 1, arousal: 1), .tracking)
    #expect(ticks.next(Affect(valence: 1, arousal: 1), .reconnecting) == .neutral)
  }

  @Test func decayInventsNoValues() {
    let ticks = Ticks(.decay(1))
    #expect(ticks.next(10, nil, .reconnecting).allSatisfy { $0 == nil })
  }

  @Test func fallbackIsReachedInASecond() throws {
    let goal = Affect(valence: 0.25, arousal: -0.5)
    let ticks = Ticks(.fallback(goal))
    let affect = Affect(valence: -0.75, arousal: 0.5)
    _ = ticks.next(affect, .tracking)
    let values = try ticks.next(8, affect, .reconnecting).map { try #require($0) }
    #expect(distance(values[0], affect) > 0 && distance(values[0], goal) > 0.5)
    #expect(values[3...].allSatisfy { distance($0, goal) < 1e-6 })
  }

  @Test(arguments: missing)
  func fallbackIsThereAtOnceWhereThereNeverWereValues(_ state: TrackerState) {
    let goal = Affect(valence: 0.25, arousal: -0.5)
    let ticks = Ticks(.fallback(goal))
    #expect(ticks.next(nil, .starting) == nil)
    #expect(ticks.next(3, nil, state).allSatisfy { $0 == goal })
    // The device is there, but there are no values yet.
    #expect(ticks.next(3, nil, .warmingUp).allSatisfy { $0 == goal })
  }

  @Test func warmingUpAfterALossIsStillTheLoss() throws {
    for policy in [LossPolicy.decay(1), .fallback(.neutral)] {
      let ticks = Ticks(policy)
      let affect = Affect(valence: 1, arousal: 1)
      _ = ticks.next(affect, .tracking)
      _ = ticks.next(8, affect, .reconnecting)
      #expect(ticks.next(20, affect, .warmingUp).allSatisfy { $0 == .neutral })
      let back = try #require(ticks.next(affect, .tracking))
      #expect(back.valence > 0 && back.valence < 0.2)
    }
  }

  @Test func theWayBackTakesTwoSecondsAndNoJump() throws {
    let ticks = Ticks(.decay(1))
    let affect = Affect(valence: 1, arousal: -1)
    _ = ticks.next(affect, .tracking)
    var values = [try #require(ticks.next(20, affect, .reconnecting).last ?? nil)]
    #expect(values == [.neutral])
    values += try ticks.next(12, affect, .tracking).map { try #require($0) }
    #expect(largestStep(values) < 0.2)
    #expect(values[7] != affect)
    #expect(values[8...].allSatisfy { $0 == affect })
  }

  @Test func aShortLossIsTakenBackFromWhereItLed() throws {
    let ticks = Ticks(.decay(4))
    let affect = Affect(valence: 1, arousal: 1)
    var values: [Affect] = []
    for state in [TrackerState](repeating: .stalled, count: 9) + [.tracking, .stalled, .tracking, .tracking] {
      values.append(try #require(ticks.next(affect, state)))
    }
    #expect(values.contains { $0.valence < 0.6 })
    #expect(largestStep(values) < 0.2)
  }

  /// The device was not there at the start: the receiver was sent to the fallback values.
  @Test(arguments: [1, 2, 3, 10], [TrackerState.warmingUp, .silent])
  func theFirstValuesAfterAFallbackComeWithoutAJump(_ count: Int, _ state: TrackerState) throws {
    let goal = Affect(valence: -0.5, arousal: -0.5)
    let ticks = Ticks(.fallback(goal))
    _ = ticks.next(count, nil, .reconnecting)
    _ = ticks.next(count, nil, state)
    let affect = Affect(valence: 0.5, arousal: 0.5)
    let values = try ticks.next(12, affect, .tracking).map { try #require($0) }
    #expect(largestStep([goal] + values) < 0.2)
    #expect(values.last == affect)
  }

  @Test(
    arguments: [
      (.hold, Affect(valence: 1, arousal: -1)), (.decay(10), .neutral),
      (.fallback(Affect(valence: -0.5, arousal: 0.25)), Affect(valence: -0.5, arousal: 0.25)),
    ] as [(LossPolicy, Affect)])
  func theLastTickLeadsStraightToTheGoal(_ policy: LossPolicy, _ goal: Affect) throws {
    let ticks = Ticks(policy)
    let affect = Affect(valence: 1, arousal: -1)
    _ = ticks.next(4, affect, .tracking)
    let last = try #require(ticks.next(affect, .stopping))
    #expect(distance(last, goal) < 1e-6)
  }

  @Test func audioThatBeginsAnewDoesNotTurnTheFaderBack() throws {
    var fader = LossFader(.decay(10))
    let affect = Affect(valence: 1, arousal: 1)
    _ = fader.apply(.sample(1000, affect))
    let before = fader.apply(.sample(1020, affect, state: .reconnecting))
    let after = fader.apply(.sample(1, affect, state: .reconnecting))
    #expect(try #require(before).valence < 0.6)
    #expect(after == before)
  }

  // MARK: - Faders that take over

  private static let affect = Affect(valence: 0.75, arousal: -0.75)

  /// A loss of two seconds under `before`, then `after` for two seconds more, and the way back for three.
  private func values(_ before: LossPolicy, _ after: LossPolicy, at change: Int = 8) throws -> [Affect] {
    var fader = LossFader(before)
    var values: [Affect] = []
    for tick in 1...32 {
      if tick == change + 4 { fader = LossFader(after, replacing: fader) }
      let state: TrackerState = (4..<20).contains(tick) ? .reconnecting : .tracking
      let value = fader.apply(.sample(tick, Self.affect, state: state))
      values.append(try #require(value))
    }
    return values
  }

  @Test(arguments: policies, policies)
  func aPolicyThatChangesDuringALossDoesNotJump(_ before: LossPolicy, _ after: LossPolicy) throws {
    // A decay in no time is a jump by itself.
    let isSudden = before == .decay(0) || after == .decay(0)
    for change in [1, 3, 8, 17, 20] {
      let values = try values(before, after, at: change)
      // A way of 1.75 in a second has steps of 0.55 at most (half a period of a cosine).
      if !isSudden { #expect(largestStep(values) < 0.62, "at \(change)") }
      #expect(values.last == Self.affect)
      // Where the policy leads is reached.
      guard change == 8 else { continue }
      switch after {
      case .fallback(let goal): #expect(distance(values[18], goal) < 1e-3)
      case .decay(0): #expect(values[18] == .neutral)
      case .hold: #expect(distance(values[18], values[11]) < 1e-6)
      case .decay: break
      }
    }
  }

  @Test(arguments: policies)
  func aReceiverThatComesDuringALossIsThereAtOnce(_ policy: LossPolicy) throws {
    var fader = LossFader(policy, inputIsMissing: true)
    let goal: Affect =
      switch policy {
      case .hold: Self.affect
      case .decay: .neutral
      case .fallback(let values): values
      }
    for tick in 1...3 {
      let state: TrackerState = tick == 1 ? .warmingUp : .reconnecting
      let value = fader.apply(.sample(tick, Self.affect, state: state))
      #expect(try distance(#require(value), goal) < 1e-6)
    }
    var values = [goal]
    for tick in 4...13 {
      let value = fader.apply(.sample(tick, Self.affect))
      values.append(try #require(value))
    }
    #expect(largestStep(values) < 0.4)
    #expect(values.last == Self.affect)
  }

  @Test(arguments: ["hold", "decay", "decay:0", "decay:2.5", "decay:86400"])
  func policiesAreReadAndShown(_ text: String) throws {
    let policy = try #require(LossPolicy(text))
    #expect(LossPolicy(policy.description) == policy)
  }

  @Test(arguments: ["", "Hold", "decay:", "decay:-1", "decay:86401", "decay:nan", "decay:inf", "decay: 1", "fallback"])
  func otherPoliciesAreRefused(_ text: String) {
    #expect(LossPolicy(text) == nil)
  }
}
