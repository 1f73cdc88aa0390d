package import EmotionModel
internal import NeuralNetwork

/// How much each input moves what a model says, over many moments: SHAP values (Lundberg and Lee, "A unified approach to
/// interpreting model predictions", 2017), of trees along their paths (``TreeShapley``), of linear models the weight by the
/// distance from the mean.
package struct InputContributions {
  /// Of an input and what the model says: valence, arousal, or one of the quadrants.
  package struct Contribution: Sendable {
    package let input: Int
    /// Mean of |φ|, in units of what the model says.
    package let strength: Double
    /// Pearson's r of input and φ: above 0 if more of the input says more; nil if one of them never changes.
    package let direction: Double?
  }

  private let members: [(reading: ModelInput, explain: ([Float]) -> [[Double]])]
  /// 2 or 4.
  package let outputCount: Int
  private let dimension: Int
  private var inputs: [[Float]] = []
  /// `[moments][outputs][inputs]`
  private var values: [[[Double]]] = []

  package init(_ members: [AdditiveMember], dimension: Int) {
    precondition(!members.isEmpty)
    self.dimension = dimension
    var outputCount = 2
    self.members = members.map { member in
      switch member.form {
      case .trees(let trees):
        outputCount = trees.outputCount
        let shapley = TreeShapley(trees)
        return (member.reading, { shapley.values(of: $0) })
      case .linear(let dense):
        // Normalised inputs have the mean 0.
        return (
          member.reading,
          { input in
            (0..<2).map { output in
              input.indices.map { Double(dense.weight.values[output * input.count + $0]) * Double(input[$0]) }
            }
          }
        )
      }
    }
    self.outputCount = outputCount
  }

  /// Takes a moment in.
  package mutating func add(_ embedding: ArraySlice<Float>) {
    precondition(embedding.count == dimension)
    var sums = [[Double]](repeating: Array(repeating: 0, count: dimension), count: outputCount)
    for member in members {
      for (output, own) in member.explain(member.reading.applied(to: embedding)).enumerated() {
        for (index, value) in own.enumerated() {
          sums[output][member.reading.selection?[index] ?? index] += value / Double(members.count)
        }
      }
    }
    inputs.append(Array(embedding))
    values.append(sums)
  }

  /// The strongest inputs for one output, the strongest first.
  ///
  /// - Parameter count: at most so many; inputs that never contribute are left out.
  package func strongest(_ count: Int, output: Int) -> [Contribution] {
    let strengths = (0..<dimension).map { input in
      values.reduce(0) { $0 + abs($1[output][input]) } / Double(max(1, values.count))
    }
    return strengths.indices.filter { strengths[$0] > 0 }
      .sorted { (-strengths[$0], $0) < (-strengths[$1], $1) }.prefix(count)
      .map { input in
        let first = inputs[0][input]
        let value = values[0][output][input]
        var sums = PairSums(origin: .init(label: Double(first), prediction: value))
        for moment in inputs.indices {
          sums.add(label: Double(inputs[moment][input]), prediction: values[moment][output][input])
        }
        return Contribution(input: input, strength: strengths[input], direction: sums.correlation)
      }
  }
}
