import EmotionModel
import NeuralNetwork
import Testing
import Training

@Suite struct InputContributionsTests {
  /// Two trees over two of five inputs: the more of an input, the more both outputs say.
  private func risingTrees() -> TreeEnsemble {
    var trees = TreeEnsemble(outputCount: 2)
    trees.addTree(cover: 12)
    let child = trees.split(0, feature: 0, threshold: 0.5, covers: (8, 4))
    let left = trees.split(child, feature: 1, threshold: 0.25, covers: (6, 2))
    let right = trees.split(child + 1, feature: 1, threshold: -1, covers: (1, 3))
    trees.addTree(cover: 12)
    let stump = trees.split(right + 2, feature: 1, threshold: 0, covers: (5, 7))
    for (leaf, values) in [
      (left, (0.1, -1.0)), (left + 1, (0.3, -0.5)), (right, (0.4, 0.0)), (right + 1, (0.9, 2.0)),
      (stump, (0.0, 0.2)), (stump + 1, (0.05, 0.25)),
    ] as [(Int, (Float, Float))] {
      trees.set(values.0, of: leaf, output: 0)
      trees.set(values.1, of: leaf, output: 1)
    }
    return trees
  }

  /// Of the fourth and the last input, normalised.
  private let reading = ModelInput(
    selection: [3, 4], normalization: InputNormalization(mean: [10, 1], scale: [2, 1], logarithmic: [1]))

  /// Where all inputs are high, none takes anything away: what they contribute sums to the whole way from the base.
  @Test func contributionsOfAMomentSumToItsDistanceFromTheBase() {
    let trees = risingTrees()
    var contributions = InputContributions(
      [AdditiveMember(reading: reading, form: .trees(trees))], dimension: 5)
    let embedding: [Float] = [.nan, .nan, .nan, 14, 1000]
    contributions.add(embedding[...])
    let input: [Float] = [2, 2]
    #expect(reading.applied(to: embedding[...]) == input)
    let base = TreeShapley(trees).base
    for output in 0..<2 {
      let strongest = contributions.strongest(5, output: output)
      #expect(Set(strongest.map(\.input)) == [3, 4])
      let sum = strongest.reduce(0) { $0 + $1.strength }
      #expect(abs(sum - (trees.sums(of: input)[output] - base[output])) < 1e-6)
    }
    // The base is the mean of the leaves by what came by.
    #expect(abs(base[0] - ((6 * 0.1 + 2 * 0.3 + 1 * 0.4 + 3 * 0.9) / 12 + 7 * 0.05 / 12)) < 1e-6)
  }

  /// The same member twice says the same: members are averaged.
  @Test func membersAreAveraged() {
    let member = AdditiveMember(reading: reading, form: .trees(risingTrees()))
    var (one, two) = (
      InputContributions([member], dimension: 5), InputContributions([member, member], dimension: 5)
    )
    for moment: [Float] in [[0, 0, 0, 14, 1000], [0, 0, 0, 6, 0.1], [0, 0, 0, 11, 20]] {
      one.add(moment[...])
      two.add(moment[...])
    }
    let (own, other) = (one.strongest(5, output: 1), two.strongest(5, output: 1))
    #expect(own.map(\.input) == other.map(\.input) && own.count == 2)
    for (first, second) in zip(own, other) { #expect(abs(first.strength - second.strength) < 1e-12) }
  }

  @Test func aLinearModelContributesWeightByDistance() throws {
    // Of the last two inputs, the second with a falling weight for valence and none for arousal.
    let dense = Dense(weight: Tensor(shape: [2, 2], values: [0.5, -3, 0.25, 0]), bias: [7, 7])
    var contributions = InputContributions(
      [
        AdditiveMember(
          reading: ModelInput(selection: [3, 4], normalization: InputNormalization(mean: [10, 1], scale: [2, 1])),
          form: .linear(dense))
      ], dimension: 5)
    contributions.add([0, 0, 0, 14, 1])  // 2 and 0
    contributions.add([0, 0, 0, 6, 3])  // -2 and 2
    let valence = contributions.strongest(5, output: 0)
    #expect(valence.map(\.input) == [4, 3] && valence.map(\.strength) == [3, 1])
    // More of the one says less, of the other more.
    #expect(try #require(valence[0].direction) < -0.999 && #require(valence[1].direction) > 0.999)
    // What never contributes is left out, and no more are told than are asked for.
    #expect(contributions.strongest(5, output: 1).map(\.input) == [3])
    #expect(contributions.strongest(1, output: 0).map(\.input) == [4])
  }
}
