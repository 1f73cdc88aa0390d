internal import Glibc

/// Which steps of a sequence a step attends to.
public struct AttentionPattern: Sendable, Equatable {
  /// Only to itself and to what came before.
  public let isCausal: Bool
  /// Only to steps less than this far away: with a causal pattern, step t attends to t - span + 1 ... t.
  public let span: Int?
  /// Less to what is farther away: a bias that falls linearly with the distance, in each head by another slope (ALiBi:
  /// Press, Smith and Lewis, "Train short, test long", 2022).
  public let hasDistanceBias: Bool

  public init(isCausal: Bool = false, span: Int? = nil, hasDistanceBias: Bool = false) {
    precondition(span.map { $0 > 0 } ?? true)
    self.isCausal = isCausal
    self.span = span
    self.hasDistanceBias = hasDistanceBias
  }

  /// Every step to every step.
  public static let full = AttentionPattern()

  /// The slopes of the distance bias: 2^(-8 i / heads) for i = 1 ... `heads`.
  public static func slopes(heads: Int) -> [Double] {
    (1...heads).map { exp2(-8 * Double($0) / Double(heads)) }
  }

  /// What is added to the scores of queries and keys before the softmax: `[time × time]`, `[heads × time × time]` or
  /// `[batch × heads × time × time]`; nil if there is nothing to add. What is not attended to has minus infinity.
  ///
  /// - Parameter lengths: of the sequences of a batch; nothing attends to what lies behind.
  func mask<Scalar: TrainingScalar>(heads: Int, time: Int, lengths: [Int]?) -> DenseTensor<Scalar>? {
    guard isCausal || span != nil || hasDistanceBias || lengths != nil else { return nil }
    let slopes = hasDistanceBias ? Self.slopes(heads: heads).map { Scalar($0) } : [0]
    var values: [Scalar] = []
    for slope in slopes {
      for query in 0..<time {
        for key in 0..<time {
          let distance = abs(query - key)
          let isVisible = !(isCausal && key > query) && distance < span ?? .max
          values.append(isVisible ? -slope * Scalar(distance) : -.infinity)
        }
      }
    }
    guard let lengths else {
      return DenseTensor(shape: (hasDistanceBias ? [heads] : []) + [time, time], values: values)
    }
    let batch = (0..<lengths.count * heads * time * time).map { index in
      index % time < lengths[index / (heads * time * time)] ? values[index % values.count] : -.infinity
    }
    return DenseTensor(shape: [lengths.count, heads, time, time], values: batch)
  }
}
