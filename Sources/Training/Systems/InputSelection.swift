package import EmotionModel
internal import NeuralNetwork
package import Platform

/// Which values of an input a model reads, found on the songs that it is trained on: such as `pearson:15`,
/// `shap:15+pearson:15` (both), `shap:15&pearson:15` (what both have), `forest:0.0015`, `lasso`, `wrapper:svr`, or
/// `pca:30`, a projection.
public struct InputSelection: Sendable, Equatable, CustomStringConvertible {
  /// As it is written.
  public let description: String
  private let rule: Rule

  private indirect enum Rule: Sendable, Equatable {
    /// Of each target the inputs with the largest |r|.
    case pearson(Int)
    /// Of each target the inputs with the largest mean |Shapley value| in a boosted ensemble.
    case shapley(Int)
    /// Inputs that gain at least such a share in a forest, or the best ones.
    case forestShare(Double)
    case forest(Int)
    /// Inputs whose weight in the lasso is not 0.
    case lasso
    /// What is left when the least useful inputs of a support vector machine are taken out, again and again.
    case wrapper
    case principalComponents(Int)
    case union(Rule, Rule)
    case intersection(Rule, Rule)
  }

  /// How selections are written, for help and messages.
  public static let forms =
    "pearson:N, shap:N, forest:N, forest:SHARE, lasso, wrapper:svr, pca:N; or, but for pca, A+B (all of both) or A&B (what "
    + "both have)"

  /// Nil if `text` is written in none of ``forms``.
  public init?(_ text: String) {
    guard let rule = Self.rule(text[...]) else { return nil }
    self.rule = rule
    description = text
  }

  private static func rule(_ text: Substring) -> Rule? {
    for (sign, join) in [("+", Rule.union), ("&", Rule.intersection)] as [(Character, (Rule, Rule) -> Rule)] {
      guard let place = text.firstIndex(of: sign) else { continue }
      guard let left = rule(text[..<place]), let right = rule(text[text.index(after: place)...]) else { return nil }
      if case .principalComponents = left { return nil }
      if case .principalComponents = right { return nil }
      return join(left, right)
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let argument = parts.count == 2 ? String(parts[1]) : ""
    let count = Int(argument).flatMap { (1...ModelInputBounds.count).contains($0) ? $0 : nil }
    switch (parts[0], parts.count) {
    case ("lasso", 1): return .lasso
    case ("wrapper", 2): return argument == "svr" ? .wrapper : nil
    case ("pearson", 2): return count.map { .pearson($0) }
    case ("shap", 2): return count.map { .shapley($0) }
    case ("pca", 2): return count.map { .principalComponents($0) }
    case ("forest", 2):
      if let count { return .forest(count) }
      guard let share = Double(argument), share > 0, share < 1 else { return nil }
      return .forestShare(share)
    default: return nil
    }
  }
}

private enum ModelInputBounds {
  static let count = 4096
}

extension InputSelection {
  /// What a model reads, found on some samples.
  ///
  /// - Parameters:
  ///   - samples: as they come out of `normalization`.
  ///   - seed: of what is random.
  /// - Throws: ``Failure`` if nothing is left.
  package func fit(
    _ samples: Samples, normalization: InputNormalization, seed: UInt64
  ) throws(Failure) -> ModelInput {
    if needsMoments(rule) { try RidgeRegression.check(inputs: samples.width, of: "the selection '\(self)'") }
    if case .principalComponents(let count) = rule {
      return ModelInput(normalization: normalization, projection: Self.projection(samples, count: count))
    }
    let indices = indices(rule, samples, seed: seed).sorted()
    guard !indices.isEmpty else {
      throw Failure(.invalidData, "the selection '\(self)' leaves no input: choose a wider one")
    }
    let places = Dictionary(uniqueKeysWithValues: indices.enumerated().map { ($1, $0) })
    return ModelInput(
      selection: indices,
      normalization: InputNormalization(
        mean: indices.map { normalization.mean[$0] }, scale: indices.map { normalization.scale[$0] },
        logarithmic: normalization.logarithmic.compactMap { places[$0] }, limit: normalization.limit))
  }

  /// Whether a rule looks at all pairs of inputs.
  private func needsMoments(_ rule: Rule) -> Bool {
    switch rule {
    case .lasso, .principalComponents: true
    case .union(let left, let right), .intersection(let left, let right): needsMoments(left) || needsMoments(right)
    default: false
    }
  }

  private func indices(_ rule: Rule, _ samples: Samples, seed: UInt64) -> Set<Int> {
    switch rule {
    case .pearson(let count): return Self.best(count, of: Self.correlations(samples))
    case .shapley(let count): return Self.best(count, of: Self.shapleyMeans(samples, seed: seed))
    case .forest(let count): return Self.best(count, of: [Self.forestImportance(samples, seed: seed)])
    case .forestShare(let share):
      let importance = Self.forestImportance(samples, seed: seed)
      return Set(importance.indices.filter { importance[$0] >= share })
    case .lasso: return Self.lassoInputs(samples, seed: seed)
    case .wrapper: return InputElimination(samples, seed: seed).run()
    case .union(let left, let right):
      return indices(left, samples, seed: seed).union(indices(right, samples, seed: seed))
    case .intersection(let left, let right):
      return indices(left, samples, seed: seed).intersection(indices(right, samples, seed: seed))
    case .principalComponents: return []
    }
  }

  /// The indices with the largest values of each list.
  private static func best(_ count: Int, of lists: [[Double]]) -> Set<Int> {
    Set(
      lists.flatMap { values in
        values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(count).filter { values[$0] > 0 }
      })
  }

  /// |r| of each input with valence, and with arousal.
  private static func correlations(_ samples: Samples) -> [[Double]] {
    var (sum, squares, total) = ([Double](repeating: 0, count: samples.width), [Double](), 0.0)
    squares = sum
    var products = [SIMD2<Double>](repeating: .zero, count: samples.width)
    var (targets, targetSquares) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
    for index in 0..<samples.count {
      let target = SIMD2<Double>(samples.targets[index])
      let weight = Double(samples.weights[index])
      total += weight
      targets += weight * target
      targetSquares += weight * target * target
      for (input, value) in samples.input(index).enumerated() {
        sum[input] += weight * Double(value)
        squares[input] += weight * Double(value) * Double(value)
        products[input] += weight * Double(value) * target
      }
    }
    let spread = targetSquares / total - (targets / total) * (targets / total)
    return (0..<2).map { target in
      (0..<samples.width).map { input in
        let mean = sum[input] / total
        let product = (squares[input] / total - mean * mean) * spread[target]
        let covariance = products[input][target] / total - mean * targets[target] / total
        return product > 1e-20 ? abs(covariance) / product.squareRoot() : 0
      }
    }
  }

  private static func shapleyMeans(_ samples: Samples, seed: UInt64) -> [[Double]] {
    var settings = TreeSettings.boosting
    (settings.count, settings.patience) = (100, nil)
    let grown = TreeTraining(samples, seed: seed).boosting(settings)
    let shapley = TreeShapley(grown.trees)
    var sums = [[Double]](repeating: Array(repeating: 0, count: samples.width), count: 2)
    // A few hundred samples rank inputs as well as all of them.
    for index in stride(from: 0, to: samples.count, by: max(1, samples.count / 500)) {
      for (output, values) in shapley.values(of: Array(samples.input(index))).enumerated() {
        for input in values.indices { sums[output][input] += abs(values[input]) }
      }
    }
    return sums
  }

  private static func forestImportance(_ samples: Samples, seed: UInt64) -> [Double] {
    var settings = TreeSettings.forest
    settings.count = 100
    return TreeTraining(samples, seed: seed).forest(settings).importance
  }

  /// By the penalty that does best on a fifth of the songs.
  private static func lassoInputs(_ samples: Samples, seed: UInt64) -> Set<Int> {
    let parts = samples.parts(5, seed: seed)
    let solution = LassoTraining.best(
      training: samples.taking(parts.indices.filter { parts[$0] != 0 }),
      validation: samples.taking(parts.indices.filter { parts[$0] == 0 }))
    return Set(solution.weights.flatMap { weights in weights.indices.filter { weights[$0] != 0 } })
  }

  /// Rows of weights that give components of deviation 1.
  private static func projection(_ samples: Samples, count: Int) -> Tensor {
    var moments = RidgeRegression.Moments(inputs: samples.width, targets: 0)
    for index in 0..<samples.count {
      moments.add(samples.input(index), targets: [], weight: Double(samples.weights[index]))
    }
    let components = PrincipalComponents(
      covariance: moments.centered().covariance, inputs: samples.width, count: min(count, samples.width))
    let kept = components.variances.indices.filter { components.variances[$0] > 1e-9 }
    return Tensor(
      shape: [kept.count, samples.width],
      values: kept.flatMap { row in
        components.directions[row].map { Float($0 / components.variances[row].squareRoot()) }
      })
  }
}
