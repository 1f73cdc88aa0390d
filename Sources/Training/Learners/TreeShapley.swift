package import EmotionModel

/// How much each input moves what trees say away from their mean: Shapley values along the paths of the trees (Lundberg,
/// Erion and Lee, "Consistent individualized feature attribution for tree ensembles", 2018, algorithm 2). They sum to the
/// difference from ``base``.
package struct TreeShapley {
  private let trees: TreeEnsemble
  /// The mean of the sums over what was trained on, `[outputs]`.
  package let base: [Double]

  package init(_ trees: TreeEnsemble) {
    self.trees = trees
    var base = [Double](repeating: 0, count: trees.outputCount)
    // Children come after their parents.
    var means = trees.value.map(Double.init)
    for node in (0..<trees.nodeCount).reversed() where trees.left[node] >= 0 {
      let child = Int(trees.left[node])
      let (left, right) = (Double(trees.cover[child]), Double(trees.cover[child + 1]))
      for output in base.indices {
        means[node * base.count + output] =
          (left * means[child * base.count + output] + right * means[(child + 1) * base.count + output])
          / (left + right)
      }
    }
    for root in trees.roots {
      for output in base.indices { base[output] += means[Int(root) * base.count + output] }
    }
    self.base = base
  }

  /// The values of an input, `[outputs][inputs]`.
  package func values(of input: [Float]) -> [[Double]] {
    var result = [[Double]](repeating: Array(repeating: 0, count: input.count), count: trees.outputCount)
    for root in trees.roots {
      follow(Int(root), input, path: [], zero: 1, one: 1, feature: -1, into: &result)
    }
    return result
  }

  /// A question on the way: its input, the shares of all ways that go on if the input is not known and if it is, and the
  /// weight of the subsets of a size.
  private struct Step {
    var feature: Int
    var zero: Double
    var one: Double
    var weight: Double
  }

  private func follow(
    _ node: Int, _ input: [Float], path: [Step], zero: Double, one: Double, feature: Int,
    into result: inout [[Double]]
  ) {
    var path = path
    Self.extend(&path, zero: zero, one: one, feature: feature)
    guard trees.left[node] >= 0 else {
      for index in path.indices.dropFirst() {
        let weight = Self.unwoundWeight(path, index) * (path[index].one - path[index].zero)
        for output in result.indices {
          result[output][path[index].feature] += weight * Double(trees.value[node * trees.outputCount + output])
        }
      }
      return
    }
    let child = Int(trees.left[node])
    let asked = Int(trees.feature[node])
    let hot = child + (input[asked] <= trees.threshold[node] ? 0 : 1)
    let cold = hot == child ? child + 1 : child
    var (knownZero, knownOne) = (1.0, 1.0)
    if let place = path.indices.dropFirst().first(where: { path[$0].feature == asked }) {
      (knownZero, knownOne) = (path[place].zero, path[place].one)
      Self.unwind(&path, place)
    }
    let total = Double(trees.cover[child]) + Double(trees.cover[child + 1])
    follow(
      hot, input, path: path, zero: knownZero * Double(trees.cover[hot]) / total, one: knownOne, feature: asked,
      into: &result)
    follow(
      cold, input, path: path, zero: knownZero * Double(trees.cover[cold]) / total, one: 0, feature: asked,
      into: &result)
  }

  private static func extend(_ path: inout [Step], zero: Double, one: Double, feature: Int) {
    let depth = path.count
    path.append(Step(feature: feature, zero: zero, one: one, weight: depth == 0 ? 1 : 0))
    for index in (0..<depth).reversed() {
      path[index + 1].weight += one * path[index].weight * Double(index + 1) / Double(depth + 1)
      path[index].weight *= zero * Double(depth - index) / Double(depth + 1)
    }
  }

  private static func unwind(_ path: inout [Step], _ place: Int) {
    let depth = path.count - 1
    let (zero, one) = (path[place].zero, path[place].one)
    var next = path[depth].weight
    for index in (0..<depth).reversed() {
      if one != 0 {
        let old = path[index].weight
        path[index].weight = next * Double(depth + 1) / (Double(index + 1) * one)
        next = old - path[index].weight * zero * Double(depth - index) / Double(depth + 1)
      } else {
        path[index].weight = path[index].weight * Double(depth + 1) / (zero * Double(depth - index))
      }
    }
    for index in place..<depth {
      (path[index].feature, path[index].zero, path[index].one) =
        (path[index + 1].feature, path[index + 1].zero, path[index + 1].one)
    }
    path.removeLast()
  }

  /// The sum of the weights without the step at `place`.
  private static func unwoundWeight(_ path: [Step], _ place: Int) -> Double {
    let depth = path.count - 1
    let (zero, one) = (path[place].zero, path[place].one)
    var next = path[depth].weight
    var total = 0.0
    for index in (0..<depth).reversed() {
      if one != 0 {
        let own = next * Double(depth + 1) / (Double(index + 1) * one)
        total += own
        next = path[index].weight - own * zero * Double(depth - index) / Double(depth + 1)
      } else {
        total += path[index].weight / (zero * Double(depth - index) / Double(depth + 1))
      }
    }
    return total
  }
}
