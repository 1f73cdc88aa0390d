package import EmotionModel
internal import Platform

/// The growing of whole ensembles of trees. The result depends on the seed and on nothing else.
package struct TreeTraining {
  package let samples: Samples
  private let bins: FeatureBins
  private let seed: UInt64

  package init(_ samples: Samples, seed: UInt64) {
    precondition(samples.count > 0)
    self.samples = samples
    self.seed = seed
    bins = FeatureBins(samples)
  }

  /// Trees, where their sums begin, and how much each input matters.
  package struct Grown: Sendable {
    package var trees: TreeEnsemble
    /// What is added to the sums, `[outputs]`.
    package var base: [Double]
    /// What the questions about each input gained, which sums to 1 (or is all 0): `[inputs]`.
    package var importance: [Double]

    /// What the ensemble says of an input, `[outputs]`; of quadrants the logits.
    package func values(of input: [Float]) -> [Double] {
      zip(trees.features(of: input), base).map { Double($0) + $1 }
    }
  }

  /// The samples' targets as the lanes of gradients: valence and arousal, or a 1 for the quadrant.
  private func targets(_ target: Target) -> [SIMD4<Float>] {
    (0..<samples.count).map { index in
      switch target {
      case .affect: return SIMD4(samples.targets[index].x, samples.targets[index].y, 0, 0)
      case .quadrant:
        var lanes = SIMD4<Float>.zero
        lanes[samples.quadrant(index)] = 1
        return lanes
      }
    }
  }

  // MARK: - Forest

  /// Trees that each see as many samples as there are, drawn with replacement, and are averaged (Breiman, "Random forests",
  /// 2001). For quadrants the leaves hold shares of the classes; the gain is Gini's.
  package func forest(_ settings: TreeSettings, target: Target = .affect) -> Grown {
    let outputCount = target.outputCount
    let grower = TreeGrower(bins: bins, settings: settings)
    var generator = SeededGenerator(seed: seed)
    var trees = TreeEnsemble(outputCount: outputCount, givesShares: target == .quadrant)
    var importance = [Double](repeating: 0, count: samples.width)
    let columns = Array(0..<samples.width)
    let columnCount = max(1, Int((settings.columnShare * Double(samples.width)).rounded()))
    let targets = targets(target)
    for _ in 0..<settings.count {
      var counts = [Float](repeating: 0, count: samples.count)
      for _ in 0..<samples.count { counts[Int(generator.uniform() * Double(samples.count))] += 1 }
      let weights = zip(counts, samples.weights).map { $0 * $1 }
      let pulls = TreeGrower.Pulls(gradients: zip(targets, weights).map { $0 * $1 }, weights: weights)
      let gains = grower.grow(
        into: &trees, pulls, rows: counts.indices.filter { counts[$0] > 0 }.map { Int32($0) }, columns: columns,
        columnCount: columnCount, scale: 1 / Double(settings.count), outputs: 0..<outputCount, generator: &generator)
      add(gains, to: &importance)
    }
    return Grown(
      trees: trees, base: Array(repeating: 0, count: outputCount), importance: Self.normalized(importance))
  }

  /// A single tree on all samples (Breiman and others, "Classification and regression trees", 1984).
  package func tree(_ settings: TreeSettings, target: Target = .affect) -> Grown {
    var generator = SeededGenerator(seed: seed)
    var trees = TreeEnsemble(outputCount: target.outputCount, givesShares: target == .quadrant)
    let pulls = TreeGrower.Pulls(
      gradients: zip(targets(target), samples.weights).map { $0 * $1 }, weights: samples.weights)
    let gains = TreeGrower(bins: bins, settings: settings).grow(
      into: &trees, pulls, rows: (0..<samples.count).map { Int32($0) }, columns: Array(0..<samples.width),
      columnCount: samples.width, scale: 1, outputs: 0..<target.outputCount, generator: &generator)
    return Grown(
      trees: trees, base: Array(repeating: 0, count: target.outputCount), importance: Self.normalized(gains))
  }

  /// Each tree's importance counts the same.
  private func add(_ gains: [Double], to importance: inout [Double]) {
    let total = gains.reduce(0, +)
    guard total > 0 else { return }
    for index in gains.indices { importance[index] += gains[index] / total }
  }

  private static func normalized(_ importance: [Double]) -> [Double] {
    let total = importance.reduce(0, +)
    return total > 0 ? importance.map { $0 / total } : importance
  }

  // MARK: - Boosting

  /// Trees that each follow the gradient of what those before leave. Valence and arousal are boosted each by itself;
  /// quadrants together, a tree for each in a round.
  ///
  /// - Parameters:
  ///   - validation: where the best number of rounds is looked for, in a training with patience.
  package func boosting(
    _ settings: TreeSettings, target: Target = .affect, validation: Samples? = nil
  ) -> Grown {
    switch target {
    case .affect: boostedAffect(settings, validation)
    case .quadrant: boostedQuadrants(settings, validation)
    }
  }

  private func boostedAffect(_ settings: TreeSettings, _ validation: Samples?) -> Grown {
    var result = Grown(
      trees: TreeEnsemble(outputCount: 2), base: [], importance: Array(repeating: 0, count: samples.width))
    let total = samples.weights.reduce(0.0) { $0 + Double($1) }
    for output in 0..<2 {
      let base = zip(samples.targets, samples.weights).reduce(0) { $0 + Double($1.0[output]) * Double($1.1) } / total
      result.base.append(base)
      var values = [Double](repeating: base, count: samples.count)
      var judged = [Double](repeating: base, count: validation?.count ?? 0)
      var course = BoostingCourse(patience: validation == nil ? nil : settings.patience)
      var generator = SeededGenerator(seed: seed &+ UInt64(output))
      let begin = result.trees
      var marks: [TreeEnsemble] = []
      for _ in 0..<settings.count {
        let weights = samples.weights
        let pulls = TreeGrower.Pulls(
          gradients: samples.targets.indices.map {
            SIMD4(Float((Double(samples.targets[$0][output]) - values[$0]) * Double(weights[$0])), 0, 0, 0)
          }, weights: weights)
        grow(settings, pulls, output, into: &result, &generator)
        advance(&values, of: samples, by: result.trees, output: output)
        guard let validation else { continue }
        advance(&judged, of: validation, by: result.trees, output: output)
        let error = validation.targets.indices.reduce(0.0) { sum, index in
          let error = Double(validation.targets[index][output]) - judged[index]
          return sum + error * error * Double(validation.weights[index])
        }
        if course.take(error) { marks = [result.trees] }
        if course.isOver { break }
      }
      if course.patience != nil { result.trees = marks.last ?? begin }
    }
    result.importance = Self.normalized(result.importance)
    return result
  }

  private func boostedQuadrants(_ settings: TreeSettings, _ validation: Samples?) -> Grown {
    let count = Target.quadrant.outputCount
    var result = Grown(
      trees: TreeEnsemble(outputCount: count), base: Array(repeating: 0, count: count),
      importance: Array(repeating: 0, count: samples.width))
    let targets = targets(.quadrant)
    var logits = [SIMD4<Double>](repeating: .zero, count: samples.count)
    var judged = [SIMD4<Double>](repeating: .zero, count: validation?.count ?? 0)
    var course = BoostingCourse(patience: validation == nil ? nil : settings.patience)
    var generator = SeededGenerator(seed: seed)
    var best = result.trees
    for _ in 0..<settings.count {
      let shares = logits.map(QuadrantHead.softmax)
      for output in 0..<count {
        let pulls = TreeGrower.Pulls(
          gradients: shares.indices.map {
            SIMD4(Float(Double(targets[$0][output]) - shares[$0][output]) * samples.weights[$0], 0, 0, 0)
          },
          weights: shares.indices.map {
            Float(max(shares[$0][output] * (1 - shares[$0][output]), 1e-6)) * samples.weights[$0]
          })
        grow(settings, pulls, output, into: &result, &generator)
        for index in logits.indices {
          logits[index][output] += lastTree(of: result.trees, samples.input(index), output)
        }
        guard let validation else { continue }
        for index in judged.indices {
          judged[index][output] += lastTree(of: result.trees, validation.input(index), output)
        }
      }
      guard let validation else { continue }
      let loss = judged.indices.reduce(0.0) {
        $0 - Double(validation.weights[$1])
          * Double.logarithm(max(QuadrantHead.softmax(judged[$1])[validation.quadrant($1)], 1e-12))
      }
      if course.take(loss) { best = result.trees }
      if course.isOver { break }
    }
    if course.patience != nil { result.trees = best }
    result.importance = Self.normalized(result.importance)
    return result
  }

  private func grow(
    _ settings: TreeSettings, _ pulls: TreeGrower.Pulls, _ output: Int, into result: inout Grown,
    _ generator: inout SeededGenerator
  ) {
    func drawn(_ count: Int, _ share: Double) -> [Int] {
      guard share < 1 else { return Array(0..<count) }
      return Array(0..<count).shuffled(using: &generator).prefix(max(1, Int((share * Double(count)).rounded())))
        .sorted()
    }
    let rows = drawn(samples.count, settings.rowShare).map { Int32($0) }
    let columns = drawn(samples.width, settings.columnShare)
    let gains = TreeGrower(bins: bins, settings: settings).grow(
      into: &result.trees, pulls, rows: rows, columns: columns, columnCount: columns.count,
      scale: settings.shrinkage, outputs: output..<output + 1, generator: &generator)
    for index in gains.indices { result.importance[index] += gains[index] }
  }

  private func advance(_ values: inout [Double], of samples: Samples, by trees: TreeEnsemble, output: Int) {
    for index in values.indices { values[index] += lastTree(of: trees, samples.input(index), output) }
  }

  private func lastTree(of trees: TreeEnsemble, _ input: ArraySlice<Float>, _ output: Int) -> Double {
    guard let root = trees.roots.last else { return 0 }
    return Double(trees.value[trees.leaf(of: input, from: Int(root)) * trees.outputCount + output])
  }
}

/// How boosting does on the validation.
private struct BoostingCourse {
  let patience: Int?
  private var best = Double.infinity
  private var sinceBest = 0

  init(patience: Int?) { self.patience = patience }

  /// - Returns: whether this round is the best so far.
  mutating func take(_ error: Double) -> Bool {
    if error < best {
      (best, sinceBest) = (error, 0)
      return true
    }
    sinceBest += 1
    return false
  }

  var isOver: Bool { patience.map { sinceBest >= $0 } ?? false }
}
