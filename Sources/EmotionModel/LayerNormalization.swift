/// Layer normalisation (Ba, Kiros, Hinton, 2016): over a vector's own mean and variance, then a factor and an addend for
/// each value.
struct LayerNormalization {
  private let weight: [Float]
  private let bias: [Float]

  private static let epsilon: Float = 1e-5

  init(weight: [Float], bias: [Float]) {
    precondition(weight.count == bias.count && !weight.isEmpty)
    self.weight = weight
    self.bias = bias
  }

  /// From `input` to `output`, which are as long as the weight.
  func apply(to input: [Float], into output: inout [Float]) {
    var (sum, squares): (Float, Float) = (0, 0)
    for value in input { sum += value }
    let mean = sum / Float(input.count)
    for value in input { squares += (value - mean) * (value - mean) }
    let factor = 1 / (squares / Float(input.count) + Self.epsilon).squareRoot()
    for index in input.indices { output[index] = (input[index] - mean) * factor * weight[index] + bias[index] }
  }
}
