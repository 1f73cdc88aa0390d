internal import Glibc
internal import NeuralNetwork
internal import Platform

/// The last layer: what a network's features say of a step.
struct OutputHead {
  private let output: Output
  private var values: [Float]

  private enum Output {
    /// Valence and arousal and, where the model knows it, how sure they are: logarithms of the variances.
    case affect(Dense, uncertainty: Dense?)
    case quadrants(QuadrantHead)
  }

  /// Valence and arousal.
  static let outputCount = 2
  /// Logarithms of variances outside it are clipped.
  private static let logarithms: ClosedRange<Float> = -10...2

  /// Whether the model knows how sure it is.
  var isUncertain: Bool {
    switch output {
    case .affect(_, let uncertainty): uncertainty != nil
    case .quadrants: true
    }
  }

  /// - Parameters:
  ///   - output: read already by a kind of network that names it otherwise; nil for `output`.
  ///   - kind: of the model: one that can say nothing but quadrants must have their layer.
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(
    _ tensors: ModelTensors, featureCount: Int, output: Dense? = nil, kind: EmotionModelKind
  ) throws(Failure) {
    values = [0, 0]
    if QuadrantHead.isIn(tensors) || !kind.tellsAffect {
      self.output = .quadrants(try QuadrantHead(tensors, featureCount: featureCount))
      return
    }
    let dense =
      if let output { output } else {
        try tensors.dense("output", inputs: featureCount, outputs: Self.outputCount)
      }
    let isUncertain = tensors.has("uncertainty.weight") || tensors.has("uncertainty.bias")
    self.output = .affect(
      dense,
      uncertainty: isUncertain
        ? try tensors.dense("uncertainty", inputs: featureCount, outputs: Self.outputCount) : nil)
  }

  mutating func apply(to features: [Float]) -> MemberOutput {
    switch output {
    case .affect(let dense, let uncertainty):
      dense.apply(to: features, into: &values)
      let mean = SIMD2(Double(values[0]), Double(values[1]))
      guard let uncertainty else { return MemberOutput(mean: mean, variance: nil) }
      uncertainty.apply(to: features, into: &values)
      return MemberOutput(mean: mean, variance: SIMD2(Self.variance(values[0]), Self.variance(values[1])))
    case .quadrants(let head): return head.apply(to: features)
    }
  }

  private static func variance(_ logarithm: Float) -> Double {
    exp(Double(min(max(logarithm, logarithms.lowerBound), logarithms.upperBound)))
  }
}
