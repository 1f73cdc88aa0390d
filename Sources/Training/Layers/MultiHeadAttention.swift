public import Platform

/// Attention of each step of a sequence to the others, in several heads (Vaswani et al., "Attention is all you need",
/// 2017): `[batch × time × features]` keeps its shape.
public struct MultiHeadAttention<Scalar: TrainingScalar>: Layer {
  public let heads: Int
  public let pattern: AttentionPattern
  /// Of the attention weights.
  public let dropout: Double
  /// From features to queries, keys and values, one after the other: `[3 features × features]`.
  public let projection: DenseLayer<Scalar>
  public let output: DenseLayer<Scalar>

  /// The projection begins as Glorot and Bengio (2010) have it, the output between ±1/√features, biases at 0.
  ///
  /// - Precondition: `heads` divides `features`.
  public init(
    features: Int, heads: Int, pattern: AttentionPattern = .full, dropout: Double = 0,
    using generator: inout SeededGenerator
  ) {
    precondition(features.isMultiple(of: heads), "\(heads) heads cannot share \(features) features")
    self.heads = heads
    self.pattern = pattern
    self.dropout = dropout
    let bound = (6 / Double(4 * features)).squareRoot()
    let weight: Variable<Scalar> = Initialization.uniform(
      [3 * features, features], bound: bound, using: &generator)
    projection = DenseLayer(weight: weight.value, bias: DenseTensor(zeros: [3 * features]))
    let last: Variable<Scalar> = Initialization.uniform([features, features], inputs: features, using: &generator)
    output = DenseLayer(weight: last.value, bias: DenseTensor(zeros: [features]))
  }

  public var parameters: [Parameter<Scalar>] {
    projection.parameters.map { Parameter("in_proj_\($0.name)", $0.variable) } + output.parameters.prefixed("out_proj")
  }

  /// - Parameter lengths: of the sequences, if some are shorter; no step attends to what lies behind. The output there
  ///   means nothing.
  public func apply(to input: Variable<Scalar>, lengths: [Int]? = nil, pass: inout Pass) -> Variable<Scalar> {
    let (batch, time, features) = (input.shape[0], input.shape[1], input.shape[2])
    let width = features / heads
    let projected = projection.apply(to: input).reshaped([batch, time, 3, heads, width]).transposed(1, 3)
    /// `[batch × heads × time × width]`
    func part(_ index: Int) -> Variable<Scalar> {
      projected.slice(axis: 2, index..<index + 1).reshaped([batch, heads, time, width])
    }
    let queries = part(0) * (1 / Scalar(width).squareRoot())
    let scores = queries.matrixProduct(part(1), transposingRight: true)
    let weights = scores.softmax(mask: pattern.mask(heads: heads, time: time, lengths: lengths))
    let attended = pass.dropout(weights, rate: dropout).matrixProduct(part(2))
    return output.apply(to: attended.transposed(1, 2).reshaped([batch, time, features]))
  }
}
