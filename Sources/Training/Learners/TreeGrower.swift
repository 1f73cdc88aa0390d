internal import EmotionModel
internal import Platform

/// Grows trees on the steps of the inputs: each node asks the question that gains most by the second-order gain
/// `G²/(H+λ)` of its two sides over that of itself, summed over the outputs (Chen and Guestrin, "XGBoost: a scalable tree
/// boosting system", 2016, equation 7). With residuals as gradients and weights as H, and λ = 0, that is the reduction of
/// the squared error.
struct TreeGrower {
  let bins: FeatureBins
  let settings: TreeSettings

  /// What each sample pulls the leaves by, and how much it weighs there. Samples of no weight are not seen.
  struct Pulls {
    var gradients: [SIMD4<Float>]
    var weights: [Float]
  }

  private struct Sums {
    var gradient = SIMD4<Double>.zero
    var weight = 0.0
    var count = 0.0

    func score(_ regularization: Double) -> Double {
      let total = weight + regularization
      return total > 0 ? (gradient * gradient).sum() / total : 0
    }

    static func += (left: inout Sums, right: Sums) {
      left.gradient += right.gradient
      left.weight += right.weight
      left.count += right.count
    }

    static func - (left: Sums, right: Sums) -> Sums {
      Sums(
        gradient: left.gradient - right.gradient, weight: left.weight - right.weight, count: left.count - right.count)
    }
  }

  private struct Question {
    var gain = 0.0
    var feature = 0
    var step = 0
    var left = Sums()
  }

  /// Adds a tree to `trees`.
  ///
  /// - Parameters:
  ///   - rows: samples that it is grown on.
  ///   - columns: inputs that it may ask for.
  ///   - columnCount: how many of them each node chooses among, at random.
  ///   - scale: what the leaves are multiplied with.
  ///   - outputs: what the lanes of the gradients stand for.
  /// - Returns: the importance of each input: what its questions gained.
  @discardableResult
  func grow(
    into trees: inout TreeEnsemble, _ pulls: Pulls, rows: [Int32], columns: [Int], columnCount: Int, scale: Double,
    outputs: Range<Int>, generator: inout SeededGenerator
  ) -> [Double] {
    var rows = rows
    var importance = [Double](repeating: 0, count: bins.featureCount)
    let all = sums(pulls, rows[...])
    trees.addTree(cover: Float(all.count))
    var open = [(node: trees.nodeCount - 1, range: 0..<rows.count, sums: all, depth: 0)]
    while let node = open.popLast() {
      var question = Question()
      if node.depth < settings.depth, node.range.count >= 2 * settings.leastLeaf {
        for feature in choose(columnCount, of: columns, &generator) {
          ask(feature, pulls, rows[node.range], node.sums, &question)
        }
      }
      guard question.gain > Self.leastGain * max(1, node.sums.weight) else {
        for output in outputs {
          let total = node.sums.weight + settings.regularization
          let value = total > 0 ? scale * node.sums.gradient[output - outputs.lowerBound] / total : 0
          trees.set(Float(value), of: node.node, output: output)
        }
        continue
      }
      importance[question.feature] += question.gain
      let right = node.sums - question.left
      let child = trees.split(
        node.node, feature: question.feature, threshold: bins.thresholds[question.feature][question.step],
        covers: (Float(question.left.count), Float(right.count)))
      let middle = bins.withFeature(question.feature) { own in
        // Stable: the order of the samples stays, and with it how sums are rounded.
        let side = rows[node.range]
        let left = side.filter { Int(own[Int($0)]) <= question.step }
        let others = side.filter { Int(own[Int($0)]) > question.step }
        rows.replaceSubrange(node.range, with: left + others)
        return node.range.lowerBound + left.count
      }
      open.append((child + 1, middle..<node.range.upperBound, right, node.depth + 1))
      open.append((child, node.range.lowerBound..<middle, question.left, node.depth + 1))
    }
    return importance
  }

  /// Rounding noise is no gain.
  private static let leastGain = 1e-10
  /// Nodes with fewer samples are sorted, not counted by steps.
  private static let sortedCount = 64

  private func choose(_ count: Int, of columns: [Int], _ generator: inout SeededGenerator) -> [Int] {
    guard count < columns.count else { return columns }
    var columns = columns
    for index in 0..<count {
      columns.swapAt(index, index + Int(generator.uniform() * Double(columns.count - index)))
    }
    return Array(columns.prefix(count))
  }

  private func sums(_ pulls: Pulls, _ rows: ArraySlice<Int32>) -> Sums {
    var sums = Sums()
    for row in rows {
      sums += Sums(
        gradient: SIMD4<Double>(pulls.gradients[Int(row)]), weight: Double(pulls.weights[Int(row)]), count: 1)
    }
    return sums
  }

  /// Looks for a better question about one input.
  private func ask(
    _ feature: Int, _ pulls: Pulls, _ rows: ArraySlice<Int32>, _ total: Sums, _ best: inout Question
  ) {
    let stepCount = bins.thresholds[feature].count + 1
    guard stepCount > 1 else { return }
    let least = Double(settings.leastLeaf)
    let own = total.score(settings.regularization)
    func consider(_ step: Int, _ left: Sums, _ best: inout Question) {
      guard left.count >= least, total.count - left.count >= least else { return }
      let right = total - left
      let gain = left.score(settings.regularization) + right.score(settings.regularization) - own
      if gain > best.gain { best = Question(gain: gain, feature: feature, step: step, left: left) }
    }
    bins.withFeature(feature) { steps in
      pulls.gradients.withUnsafeBufferPointer { gradients in
        pulls.weights.withUnsafeBufferPointer { weights in
          if rows.count < Self.sortedCount {
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows.count) { order in
              var count = 0
              for row in rows {  // insertion sort, stable
                var place = count
                while place > 0, steps[Int(order[place - 1])] > steps[Int(row)] {
                  order[place] = order[place - 1]
                  place -= 1
                }
                order[place] = row
                count += 1
              }
              var left = Sums()
              for index in 0..<count - 1 {
                let row = Int(order[index])
                left.gradient += SIMD4<Double>(gradients[row])
                left.weight += Double(weights[row])
                left.count += 1
                let step = steps[row]
                if steps[Int(order[index + 1])] > step { consider(Int(step), left, &best) }
              }
            }
            return
          }
          withUnsafeTemporaryAllocation(of: Sums.self, capacity: stepCount) { histogram in
            histogram.initialize(repeating: Sums())
            for row in rows {
              let row = Int(row)
              let step = Int(steps[row])
              histogram[step].gradient += SIMD4<Double>(gradients[row])
              histogram[step].weight += Double(weights[row])
              histogram[step].count += 1
            }
            var left = Sums()
            for step in 0..<stepCount - 1 where histogram[step].count > 0 {
              left += histogram[step]
              consider(step, left, &best)
            }
          }
        }
      }
    }
  }
}
