import NeuralNetwork
import Platform
import TestSupport
import Testing

/// Each layer against its definition, written out plainly, over random shapes.
@Suite struct LayerTests {
  @Test(arguments: 0..<40)
  func convolutionIsThatOfTheDefinition(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &generator) } }
    let (kernelHeight, kernelWidth) = (random(1...7), random(1...5))
    let (inputs, outputs) = (random(1...5), random(1...9))
    let padding = Convolution.Padding(
      top: random(0...kernelHeight), bottom: random(0...3), left: random(0...kernelWidth), right: random(0...3))
    let height = max(random(1...20), kernelHeight - padding.top - padding.bottom)
    let width = max(random(1...20), kernelWidth - padding.left - padding.right)
    let input = Tensor(shape: [height, width, inputs], values: values(height * width * inputs))
    let kernel = Tensor(
      shape: [kernelHeight, kernelWidth, inputs, outputs], values: values(kernelHeight * kernelWidth * inputs * outputs)
    )
    let convolution = Convolution(kernel: kernel, bias: values(outputs), padding: padding)

    var output = Tensor(zeros: convolution.outputShape(for: input.shape))
    // What is left of an earlier call must not matter.
    output.fill { values in for index in values.indices { values[index] = .nan } }
    var workspace = [Float](repeating: .nan, count: 10)
    convolution.apply(to: input, into: &output, workspace: &workspace)

    var expected: [Float] = []
    for row in 0..<output.shape[0] {
      for column in 0..<output.shape[1] {
        for channel in 0..<outputs {
          var sum = Double(convolution.bias[channel])
          for kernelRow in 0..<kernelHeight {
            for kernelColumn in 0..<kernelWidth {
              let (y, x) = (row + kernelRow - padding.top, column + kernelColumn - padding.left)
              guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
              for inputChannel in 0..<inputs {
                let weight = kernel.values[
                  ((kernelRow * kernelWidth + kernelColumn) * inputs + inputChannel) * outputs + channel]
                sum += Double(weight) * Double(input.values[(y * width + x) * inputs + inputChannel])
              }
            }
          }
          expected.append(Float(sum))
        }
      }
    }
    #expect(Difference(output.values, expected).relativeToLargest < 1e-5)
  }

  @Test func convolutionWorksInStripsThatDoNotDivideTheHeight() {
    // 61 rows of 100 columns with windows of 7 × 7 × 16 need several strips.
    let input = Tensor(shape: [61, 100, 16], values: (0..<61 * 100 * 16).map { Float($0 % 13) - 6 })
    let kernel = Tensor(shape: [7, 7, 16, 3], values: (0..<7 * 7 * 16 * 3).map { Float($0 % 7) - 3 })
    let convolution = Convolution(
      kernel: kernel, bias: [1, 2, 3], padding: .init(top: 3, bottom: 3, left: 3, right: 3))
    var output = Tensor(zeros: [61, 100, 3])
    var workspace: [Float] = []
    convolution.apply(to: input, into: &output, workspace: &workspace)
    for (row, column) in [(0, 0), (30, 50), (60, 99), (41, 0), (47, 99)] {
      for channel in 0..<3 {
        var sum: Float = convolution.bias[channel]
        for y in max(0, row - 3)...min(60, row + 3) {
          for x in max(0, column - 3)...min(99, column + 3) {
            for inputChannel in 0..<16 {
              sum +=
                input.values[(y * 100 + x) * 16 + inputChannel]
                * kernel.values[(((y - row + 3) * 7 + x - column + 3) * 16 + inputChannel) * 3 + channel]
            }
          }
        }
        #expect(abs(output.values[(row * 100 + column) * 3 + channel] - sum) < 0.01)
      }
    }
  }

  @Test func batchNormalizationFollowsItsFormula() {
    let normalization = BatchNormalization(
      gamma: [2, 1], beta: [0.5, -1], mean: [1, 2], variance: [3.999, 0.999], epsilon: 1e-3)
    var tensor = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    normalization.apply(to: &tensor)
    #expect(Difference(tensor.values, [0.5, -1, 2.5, 1]).relativeToLargest < 1e-6)
  }

  @Test func denseIsMatrixTimesVectorPlusBias() {
    let dense = Dense(weight: Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]), bias: [10, 20])
    var output: [Float] = [.nan, .nan]
    dense.apply(to: [1, 0, -1], into: &output)
    #expect(output == [8, 18])
  }

  @Test func rectifyingKeepsOnlyWhatIsPositive() {
    var tensor = Tensor(shape: [4], values: [-1, 0, 2, -.infinity])
    tensor.rectify()
    #expect(tensor.values == [0, 0, 2, 0])
  }

  @Test func blockMaximumDropsWhatIsLeftOver() {
    let tensor = Tensor(shape: [3, 5, 1], values: [1, 2, 3, 4, 99, 5, 0, -1, -2, 99, 99, 99, 99, 99, 99])
    var output = Tensor(zeros: [1, 2, 1])
    tensor.maximumOverBlocks(height: 2, width: 2, into: &output)
    #expect(output.values == [5, 4])
  }

  @Test func maximumOverWidthFillsTheChannelsItIsGiven() {
    let tensor = Tensor(shape: [2, 3, 2], values: [1, -1, 3, -3, 2, -2, -5, 5, -4, 4, -6, 6])
    var output = Tensor(shape: [2, 4], values: [Float](repeating: 7, count: 8))
    tensor.maximumOverWidth(into: &output, channelOffset: 1)
    #expect(output.values == [7, 3, -1, 7, 7, -4, 6, 7])
  }

  @Test func kernelsAreReorderedFromOutputFirst() {
    let kernel = Tensor(shape: [2, 3, 1, 2], values: (0..<12).map(Float.init))
    let reordered = kernel.kernelFromOutputFirst()
    #expect(reordered.shape == [1, 2, 3, 2])
    for output in 0..<2 {
      for input in 0..<3 {
        for x in 0..<2 {
          #expect(reordered.values[(x * 3 + input) * 2 + output] == kernel.values[(output * 3 + input) * 2 + x])
        }
      }
    }
  }
}
