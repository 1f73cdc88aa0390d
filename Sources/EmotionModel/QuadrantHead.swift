internal import Glibc
package import NeuralNetwork
internal import Platform

/// The last layer of a model that tells quadrants apart: from features to the probabilities of the four. Valence and
/// arousal are the mean of the quadrants' centroids by them.
package struct QuadrantHead: Sendable {
  private let decision: Decision
  /// Valence and arousal of each quadrant, -1...1.
  private let centroids: [SIMD2<Double>]

  private enum Decision: Sendable {
    /// `classes.weight` `[4 × features]`: softmax.
    case softmax(Dense)
    /// `pairs.weight` `[6 × features]`, a decision for each pair of quadrants, and the logistic curve of each.
    case pairs(Dense, PairwiseProbabilities)
  }

  package static let count = 4
  /// Where nothing else is known of the quadrants.
  package static let standardCentroids = [SIMD2(0.5, 0.5), SIMD2(-0.5, 0.5), SIMD2(-0.5, -0.5), SIMD2(0.5, -0.5)]

  static func isIn(_ tensors: ModelTensors) -> Bool { tensors.has("classes.weight") || tensors.has("pairs.weight") }

  /// The name of the tensor that every such layer has.
  static let centroidName = "centroids"

  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, featureCount: Int) throws(Failure) {
    if tensors.has("classes.weight") {
      decision = .softmax(try tensors.dense("classes", inputs: featureCount, outputs: Self.count))
    } else {
      let count = PairwiseProbabilities.pairCount
      let dense = try tensors.dense("pairs", inputs: featureCount, outputs: count)
      decision = .pairs(
        dense,
        PairwiseProbabilities(
          slopes: try tensors.vector("pairs.slope", count), offsets: try tensors.vector("pairs.offset", count)))
    }
    let values = try tensors.tensor(Self.centroidName, [Self.count, 2]).values
    guard values.allSatisfy({ (-1...1).contains($0) }) else {
      throw tensors.problem("tensor '\(tensors.prefix)centroids' holds values outside -1 to 1")
    }
    centroids = (0..<Self.count).map { SIMD2(Double(values[2 * $0]), Double(values[2 * $0 + 1])) }
  }

  /// Softmax of `classes`.
  package init(classes: Dense, centroids: [SIMD2<Double>] = standardCentroids) {
    precondition(classes.outputCount == Self.count && centroids.count == Self.count)
    decision = .softmax(classes)
    self.centroids = centroids
  }

  /// One decision for each pair.
  package init(
    pairs: Dense, probabilities: PairwiseProbabilities, centroids: [SIMD2<Double>] = standardCentroids
  ) {
    precondition(pairs.outputCount == PairwiseProbabilities.pairCount && centroids.count == Self.count)
    decision = .pairs(pairs, probabilities)
    self.centroids = centroids
  }

  /// The tensors of a model file.
  package var tensors: [(name: String, tensor: Tensor)] {
    let centroids = Self.tensor(of: self.centroids)
    func vector(_ values: [Float]) -> Tensor { Tensor(shape: [values.count], values: values) }
    switch decision {
    case .softmax(let dense):
      return [("classes.weight", dense.weight), ("classes.bias", vector(dense.bias)), centroids]
    case .pairs(let dense, let probabilities):
      return [
        ("pairs.weight", dense.weight), ("pairs.bias", vector(dense.bias)),
        ("pairs.slope", vector(probabilities.slopes)), ("pairs.offset", vector(probabilities.offsets)),
        centroids,
      ]
    }
  }

  private static func tensor(of centroids: [SIMD2<Double>]) -> (name: String, tensor: Tensor) {
    (centroidName, Tensor(shape: [count, 2], values: centroids.flatMap { [Float($0.x), Float($0.y)] }))
  }

  /// The tensor of the standard centroids.
  package static var centroidTensor: (name: String, tensor: Tensor) { tensor(of: standardCentroids) }

  /// The probabilities of the quadrants.
  package func probabilities(_ features: [Float]) -> SIMD4<Double> {
    switch decision {
    case .softmax(let dense):
      var logits: [Float] = [0, 0, 0, 0]
      dense.apply(to: features, into: &logits)
      return Self.softmax(SIMD4(Double(logits[0]), Double(logits[1]), Double(logits[2]), Double(logits[3])))
    case .pairs(let dense, let pairwise):
      var decisions = [Float](repeating: 0, count: PairwiseProbabilities.pairCount)
      dense.apply(to: features, into: &decisions)
      return pairwise.probabilities(decisions)
    }
  }

  func apply(to features: [Float]) -> MemberOutput { Self.output(of: probabilities(features), centroids) }

  /// What the probabilities say of valence and arousal: mean and variance of the centroids by them.
  private static func output(of probabilities: SIMD4<Double>, _ centroids: [SIMD2<Double>]) -> MemberOutput {
    var mean = SIMD2<Double>.zero
    var squares = SIMD2<Double>.zero
    for (quadrant, centroid) in centroids.enumerated() {
      mean += probabilities[quadrant] * centroid
      squares += probabilities[quadrant] * centroid * centroid
    }
    return MemberOutput(
      mean: mean, variance: pointwiseMax(squares - mean * mean, SIMD2(repeating: 1e-6)), quadrants: probabilities)
  }

  /// What is published of `features`, without a confidence.
  package func prediction(_ features: [Float]) -> EmotionPrediction { Self.prediction(apply(to: features)) }

  /// What is published of the probabilities of quadrants with the standard centroids, without a confidence.
  package static func prediction(of probabilities: SIMD4<Double>) -> EmotionPrediction {
    prediction(output(of: probabilities, standardCentroids))
  }

  private static func prediction(_ output: MemberOutput) -> EmotionPrediction {
    var mixture = EnsembleMixture()
    mixture.add(output)
    return mixture.prediction(nil)
  }

  package static func softmax(_ logits: SIMD4<Double>) -> SIMD4<Double> {
    let shifted = logits - logits.max()
    let powers = SIMD4(exp(shifted.x), exp(shifted.y), exp(shifted.z), exp(shifted.w))
    return powers / powers.sum()
  }
}
