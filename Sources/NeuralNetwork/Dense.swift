internal import COpenBLAS

/// A fully connected layer: `y = W x + b`.
public struct Dense: Sendable {
  /// `[out × in]`
  public let weight: Tensor
  /// `[out]`
  public let bias: [Float]

  public var inputCount: Int { weight.shape[1] }
  public var outputCount: Int { weight.shape[0] }

  public init(weight: Tensor, bias: [Float]) {
    precondition(weight.shape.count == 2 && weight.shape[0] == bias.count)
    self.weight = weight
    self.bias = bias
  }

  /// From `input` `[in]` to `output` `[out]`.
  public func apply(to input: [Float], into output: inout [Float]) {
    precondition(input.count == inputCount && output.count == outputCount)
    for index in bias.indices { output[index] = bias[index] }
    cblas_sgemv(
      CblasRowMajor, CblasNoTrans, Int32(outputCount), Int32(inputCount),
      1, weight.values, Int32(inputCount), input, 1, 1, &output, 1)
  }
}
