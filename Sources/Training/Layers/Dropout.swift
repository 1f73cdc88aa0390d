/// Sets values to 0 with probability `rate` while training, see ``Variable/dropout(rate:using:)``.
public struct Dropout: Sendable {
  /// 0 or more, less than 1.
  public let rate: Double

  public init(rate: Double) {
    precondition(0 <= rate && rate < 1)
    self.rate = rate
  }

  public func apply<Scalar>(to input: Variable<Scalar>, pass: inout Pass) -> Variable<Scalar> {
    pass.dropout(input, rate: rate)
  }
}
