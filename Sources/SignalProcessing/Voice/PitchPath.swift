internal import Glibc

/// The way through the candidates for the fundamental frequency of successive frames that costs least (Viterbi, 1967). A
/// candidate costs what it lacks in voicing, an unvoiced frame what the bound of voicing lacks; a jump costs what it spans,
/// and so does each beginning and end of a voice.
public struct PitchPath: Sendable {
  /// Frames whose best candidate is less voiced than this are never voiced.
  public static let leastVoicing: Float = 0.6

  /// Of a frame by itself, the voicing from which on it is voiced.
  private static let bound: Float = 0.7
  /// What a beginning or an end costs, and a jump of an octave, in units of voicing.
  private static let (changeCost, jumpCost): (Float, Float) = (0.05, 0.35)

  /// The candidates, and no voice.
  private static let states = SubharmonicSummation.candidateCount + 1
  private static let unvoiced = states - 1

  /// Hz, `[frames]`; 0 where a frame is unvoiced.
  public private(set) var frequencies: [Float]
  /// Of the best way to each state: its cost and the state before, `[frames × states]`. The cost of a state that a frame
  /// does not have is infinite.
  private var costs: [Float]
  private var origins: [Int]

  /// - Parameter frameCount: at least 1.
  public init(frameCount: Int) {
    frequencies = Array(repeating: 0, count: frameCount)
    costs = Array(repeating: 0, count: frameCount * Self.states)
    origins = Array(repeating: 0, count: frameCount * Self.states)
  }

  /// Whether a frame may be voiced, by what ``SubharmonicSummation`` has written of it from `place` on.
  public static func mayBeVoiced(_ values: [Float], at place: Int) -> Bool {
    values[place] > 0 && values[place + 1] >= leastVoicing
  }

  /// - Parameters:
  ///   - candidates: of each frame, as ``SubharmonicSummation`` writes them, from `place` on.
  ///   - isSilent: whether a frame is unvoiced in any case.
  public mutating func follow(_ candidates: FrameRing, at place: Int, isSilent: (_ row: Int) -> Bool) {
    for row in frequencies.indices {
      let mayBeVoiced =
        candidates[row, place] > 0 && candidates[row, place + 1] >= Self.leastVoicing && !isSilent(row)
      for state in 0..<Self.states {
        let frequency = Self.frequency(candidates, place, row, state)
        let index = row * Self.states + state
        if state != Self.unvoiced, !mayBeVoiced || frequency <= 0 {
          costs[index] = .infinity
          continue
        }
        let voicing = state == Self.unvoiced ? Self.bound : candidates[row, place + 2 * state + 1]
        (costs[index], origins[index]) = bestWay(to: frequency, in: row, candidates, place)
        costs[index] += 1 - voicing
      }
    }
    trace(candidates, place)
  }

  /// 0 without a voice.
  private static func frequency(_ candidates: FrameRing, _ place: Int, _ row: Int, _ state: Int) -> Float {
    state == unvoiced ? 0 : candidates[row, place + 2 * state]
  }

  private func bestWay(
    to frequency: Float, in row: Int, _ candidates: FrameRing, _ place: Int
  ) -> (cost: Float, origin: Int) {
    guard row > 0 else { return (0, 0) }
    var best = (cost: Float.infinity, origin: Self.unvoiced)
    for origin in 0..<Self.states {
      var cost = costs[(row - 1) * Self.states + origin]
      guard cost < best.cost else { continue }
      let before = Self.frequency(candidates, place, row - 1, origin)
      if frequency > 0, before > 0 {
        cost += Self.jumpCost * abs(log2f(frequency / before))
      } else if (frequency > 0) != (before > 0) {
        cost += Self.changeCost
      }
      if cost < best.cost { best = (cost, origin) }
    }
    return best
  }

  private mutating func trace(_ candidates: FrameRing, _ place: Int) {
    let last = frequencies.count - 1
    var state = 0
    for other in 1..<Self.states where costs[last * Self.states + other] < costs[last * Self.states + state] {
      state = other
    }
    for row in stride(from: last, through: 0, by: -1) {
      frequencies[row] = Self.frequency(candidates, place, row, state)
      state = origins[row * Self.states + state]
    }
  }
}
