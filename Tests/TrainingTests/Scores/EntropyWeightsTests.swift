import Glibc
import Platform
import Testing
import Training

@Suite struct EntropyWeightsTests {
  private func isNear(_ value: Double?, _ expected: Double) -> Bool {
    value.map { abs($0 - expected) < 1e-12 } ?? false
  }

  @Test func aTableOfThreeModelsWorkedOutByHand() throws {
    // A score, an error and a score: z are 0, 1/2, 1; then 1, 1, 0; then 1, 0, 1/4.
    let table: [[Double]] = [[0.2, 0.1, 0.9], [0.4, 0.1, 0.5], [0.6, 0.3, 0.6]]
    let weights = try #require(EntropyWeights(table, isError: [false, true, false]))
    // p are 0, 1/3, 2/3; then 1/2, 1/2, 0; then 4/5, 0, 1/5. Entropies over ln 3:
    let entropies: [Double] = [
      (log(3) - 2 * log(2) / 3) / log(3), log(2) / log(3), (log(5) - 4 * log(4) / 5) / log(3),
    ]
    let sum = 3 - entropies.reduce(0, +)
    for (weight, entropy) in zip(weights.weights, entropies) { #expect(isNear(weight, (1 - entropy) / sum)) }
    let (first, second, third) = ((1 - entropies[0]) / sum, (1 - entropies[1]) / sum, (1 - entropies[2]) / sum)
    #expect(isNear(weights.scores[0], second + third))
    #expect(isNear(weights.scores[1], first / 2 + second))
    #expect(isNear(weights.scores[2], first + third / 4))
    // The same as numbers: 1 - E are 0.4206, 0.3691, 0.5445.
    #expect(zip(weights.scores, [0.6847, 0.4343, 0.4173]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func ofTwoModelsTheBetterOneInAllHasOne() throws {
    let weights = try #require(EntropyWeights([[0.5, 2], [0.6, 1]], isError: [false, true]))
    #expect(weights.weights == [0.5, 0.5] && weights.scores == [0, 1])
  }

  @Test func columnsThatTellNothingAreLeftOut() throws {
    let table: [[Double?]] = [[0.1, 3, nil, .nan, 0.2], [0.2, 3, 1, 2, 0.1], [0.4, 3, 2, 3, 0.4]]
    let weights = try #require(EntropyWeights(table, isError: Array(repeating: false, count: 5)))
    #expect(weights.weights[1] == nil && weights.weights[2] == nil && weights.weights[3] == nil)
    let alone = try #require(EntropyWeights(table.map { [$0[0], $0[4]] }, isError: [false, false]))
    #expect(weights.scores == alone.scores)
    #expect(alone.weights == [weights.weights[0], weights.weights[4]])
  }

  @Test func oneModelOrEqualOnesAreNotRanked() {
    #expect(EntropyWeights([[0.5, 0.1]], isError: [false, true]) == nil)
    #expect(EntropyWeights([], isError: [false]) == nil)
    #expect(EntropyWeights([[0.5], [0.5]], isError: [false]) == nil)
    #expect(EntropyWeights([[], []], isError: []) == nil)
  }

  @Test func theOrderOfModelsAndScoresAndTheirUnitsDoNotMatter() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<100 {
      let (models, scores) = (Int.random(in: 2...9, using: &generator), Int.random(in: 1...7, using: &generator))
      let table = (0..<models).map { _ in (0..<scores).map { _ in generator.uniform() } }
      let isError = (0..<scores).map { _ in Bool.random(using: &generator) }
      let weights = try #require(EntropyWeights(table, isError: isError))
      #expect(isNear(weights.weights.reduce(0) { $0 + ($1 ?? 0) }, 1))
      #expect(weights.scores.allSatisfy { (0...1 + 1e-12).contains($0) })
      let rows = table.indices.shuffled(using: &generator)
      let columns = isError.indices.shuffled(using: &generator)
      // An error is the same as its negative, a score; units are a factor and a constant.
      let changed = rows.map { row in
        columns.map { column in (isError[column] ? -1 : 1) * (3 * table[row][column] + 1) }
      }
      let other = try #require(EntropyWeights(changed, isError: columns.map { _ in false }))
      for (place, row) in rows.enumerated() { #expect(abs(other.scores[place] - weights.scores[row]) < 1e-9) }
      for (place, column) in columns.enumerated() {
        #expect(abs((other.weights[place] ?? .nan) - (weights.weights[column] ?? .nan)) < 1e-9)
      }
    }
  }
}
