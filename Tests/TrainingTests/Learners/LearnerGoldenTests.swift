import Affect
import EmotionModel
import NeuralNetwork
import TestSupport
import Testing
import Training

/// Learners beside scikit-learn, libsvm, XGBoost and SHAP: values of `tools/make_learner_fixture.py`.
@Suite struct LearnerGoldenTests {
  private let golden: SafetensorsFile

  init() throws { golden = try Fixture.tensors("learner-golden.safetensors") }

  private func tensor(_ name: String) throws -> Tensor { try golden.tensor(name) }

  private func rows(_ name: String) throws -> [[Float]] {
    let tensor = try tensor(name)
    return (0..<tensor.shape[0]).map { Array(tensor.values[$0 * tensor.shape[1]..<($0 + 1) * tensor.shape[1]]) }
  }

  private func samples(_ inputs: String, _ targets: (Int) -> SIMD2<Float>) throws -> Samples {
    let rows = try rows(inputs)
    var samples = Samples(width: rows[0].count)
    for (index, row) in rows.enumerated() { samples.add(row[...], target: targets(index), song: index) }
    return samples
  }

  private func largestDifference(_ first: [Double], _ second: [Float]) -> Double {
    zip(first, second).reduce(first.count == second.count ? 0 : .infinity) { max($0, abs($1.0 - Double($1.1))) }
  }

  @Test func lassoEqualsScikitLearn() throws {
    let targets = try rows("lasso.y")
    var moments = RidgeRegression.Moments(inputs: 15, targets: 2)
    for (input, target) in zip(try rows("lasso.x"), targets) { moments.add(input[...], targets: target) }
    let solutions = moments.lasso(penalties: try tensor("lasso.alphas").values.map(Double.init), precision: 1e-10)
    let (weights, offsets) = (try tensor("lasso.weights").values, try tensor("lasso.offsets").values)
    #expect(largestDifference(solutions.flatMap { $0.weights.flatMap { $0 } }, weights) < 2e-6)
    #expect(largestDifference(solutions.flatMap(\.offsets), offsets) < 2e-6)
    // What is 0 there is exactly 0 here.
    #expect(zip(solutions.flatMap { $0.weights.flatMap { $0 } }, weights).allSatisfy { ($0 == 0) == ($1 == 0) })
  }

  @Test func supportVectorRegressionEqualsLibsvm() throws {
    let targets = try tensor("svr.y").values
    let samples = try samples("svr.x") { SIMD2(targets[$0], -2 * targets[$0]) }
    var settings = SupportVectorSettings(cost: 1, gamma: 0.05)
    settings.tolerance = 1e-7
    let deviation = deviation(targets)
    settings.tube = 0.05 / deviation
    let machine = SupportVectorTraining(samples, seed: 1).regression(settings)
    let values = try rows("svr.test").map { machine.values(of: $0).map(Double.init) }
    #expect(largestDifference(values.map { $0[0] }, try tensor("svr.predictions").values) < 3e-6)
    // Twice the target, upside down, in a tube twice as wide, at the same cost, is another machine.
    #expect(values.contains { abs($0[1] + 2 * $0[0]) > 1e-3 })
  }

  private func deviation(_ values: [Float]) -> Double {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    return (values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)).squareRoot()
  }

  @Test func supportVectorClassesEqualLibsvm() throws {
    let labels = try tensor("svc.y").values
    let samples = try samples("svc.x") { index in
      let signs = Quadrant(rawValue: Int(labels[index]))!.signs  // labels are 1 to 4
      return SIMD2(signs.valence, signs.arousal)
    }
    var settings = SupportVectorSettings(cost: 2, gamma: 0.05)
    settings.tolerance = 1e-7
    let machine = SupportVectorTraining(samples, seed: 1).classification(settings)
    let decisions = try rows("svc.test").flatMap { machine.decisions(of: $0) }
    #expect(largestDifference(decisions.map(Double.init), try tensor("svc.decisions").values) < 3e-6)
    let pairwise = PairwiseProbabilities(
      slopes: try tensor("coupling.slopes").values, offsets: try tensor("coupling.offsets").values)
    let probabilities = try rows("svc.decisions").flatMap { decisions in
      let own = pairwise.probabilities(decisions)
      return (0..<4).map { own[$0] }
    }
    #expect(largestDifference(probabilities, try tensor("coupling.probabilities").values) < 1e-6)
  }

  private func goldenTrees() throws -> TreeEnsemble {
    var trees = TreeEnsemble(outputCount: 1)
    let (feature, threshold) = (try tensor("trees.feature").values, try tensor("trees.threshold").values)
    let (left, value) = (try tensor("trees.left").values, try tensor("trees.value").values)
    let (cover, roots) = (try tensor("trees.cover").values, Set(try tensor("trees.roots").values.map { Int($0) }))
    for node in feature.indices {
      if roots.contains(node) { trees.addTree(cover: cover[node]) }
      if left[node] < 0 {
        trees.set(value[node], of: node, output: 0)
      } else {
        let child = Int(left[node])
        #expect(
          trees.split(
            node, feature: Int(feature[node]), threshold: threshold[node], covers: (cover[child], cover[child + 1]))
            == child)
      }
    }
    return trees
  }

  @Test func treesAndTheirShapleyValuesEqualXGBoostsAndSHAPs() throws {
    let trees = try goldenTrees()
    let base = Double(try tensor("trees.base").values[0])
    let inputs = try rows("trees.test")
    #expect(
      largestDifference(inputs.map { trees.sums(of: $0)[0] + base }, try tensor("trees.predictions").values) < 1e-6)
    let shapley = TreeShapley(trees)
    let values = inputs.map { shapley.values(of: $0)[0] }
    #expect(largestDifference(values.flatMap { $0 }, try tensor("trees.shap").values) < 1e-5)
    #expect(abs(shapley.base[0] + base - Double(try tensor("trees.shapBase").values[0])) < 1e-5)
    for (input, own) in zip(inputs, values) {
      #expect(abs(own.reduce(shapley.base[0], +) - trees.sums(of: input)[0]) < 1e-5)
    }
  }

  @Test func boostingGrowsTheTreesOfXGBoost() throws {
    let targets = try tensor("boost.y").values
    let samples = try samples("boost.x") { SIMD2(targets[$0], 0) }
    var settings = TreeSettings(depth: 3)
    (settings.count, settings.shrinkage, settings.regularization) = (10, 0.3, 1)
    let grown = TreeTraining(samples, seed: 1).boosting(settings)
    let inputs = try rows("boost.x")
    #expect(largestDifference(inputs.map { grown.values(of: $0)[0] }, try tensor("boost.predictions").values) < 1e-5)
    settings = TreeSettings(depth: 2)
    settings.count = 1
    let tree = TreeTraining(samples, seed: 1).boosting(settings)
    #expect(largestDifference(inputs.map { tree.values(of: $0)[0] }, try tensor("boost.tree1").values) < 1e-5)
  }

  @Test func aTreeOfTwoOutputsIsScikitLearns() throws {
    let targets = try rows("forest.y")
    let samples = try samples("boost.x") { SIMD2(targets[$0][0], targets[$0][1]) }
    var settings = TreeSettings(depth: 5)
    (settings.count, settings.leastLeaf) = (1, 5)
    let tree = TreeTraining(samples, seed: 1).tree(settings)
    let values = try rows("boost.x").flatMap { tree.values(of: $0) }
    #expect(largestDifference(values, try tensor("forest.predictions").values) < 1e-5)
  }
}
