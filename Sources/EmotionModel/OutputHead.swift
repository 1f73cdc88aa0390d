internal import Glibc
internal import NeuralNetwork
internal import Platform

/// The last layer: valence and arousal and, where the model knows it, how sure they are, from the same features.
struct OutputHead {
  private let output: Dense
  /// Logarithms of the variances.
  private let uncertainty: Dense?
  private var values: [Float] = [0, 0]

  /// Valence and arousal.
  static let outputCount = 2
  /// Logarithms of variances outside it are clipped.
  private static let logarithms: ClosedRange<Float> = -10...2

  var isUncertain: Bool { uncertainty != nil }

  /// - Parameter output: read already by a kind of network that names it otherwise; nil for `output`.
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, featureCount: Int, output: Dense? = nil) throws(Failure) {
    self.output =
      if let output { output } else {
        try tensors.dense("output", inputs: featureCount, outputs: Self.outputCount)
      }
    let isUncertain = tensors.has("uncertainty.weight") || tensors.has("uncertainty.bias")
    uncertainty =
      isUncertain ? try tensors.dense("uncertainty", inputs: featureCount, outputs: Self.outputCount) : nil
  }

  mutating func apply(to features: [Float]) -> MemberOutput {
    output.apply(to: features, into: &values)
    let mean = SIMD2(Double(values[0]), Double(values[1]))
    guard let uncertainty else { return MemberOutput(mean: mean, variance: nil) }
    uncertainty.apply(to: features, into: &values)
    return MemberOutput(mean: mean, variance: SIMD2(Self.variance(values[0]), Self.variance(values[1])))
  }

  private static func variance(_ logarithm: Float) -> Double {
    exp(Double(min(max(logarithm, logarithms.lowerBound), logarithms.upperBound)))
  }
}
