import NeuralNetwork
import Platform
import TestSupport
import Testing
import Training

@Suite struct VariableTests {
  @Test func aDeepGraphIsWalkedAndReleasedWithoutRecursion() {
    let start = Variable<Double>(DenseTensor(shape: [2], values: [1, 2]), needsGradient: true)
    func chain() -> Variable<Double> {
      (0..<150_000).reduce(start) { variable, _ in variable + 1 }
    }
    chain().sum().backward()
    #expect(start.gradient?.values == [1, 1])
    // One that is given up without having been walked.
    #expect(chain().value.values == [150_001, 150_002])
  }

  @Test func theGradientsOfSeveralUsesAndOfSeveralLossesAddUp() {
    let x = Variable<Double>(DenseTensor(3), needsGradient: true)
    // A diamond: x² + 2 x² has the derivative 6 x.
    let square = x.squared()
    (square + 2 * square).backward()
    #expect(x.gradient?.scalar == 18)
    (5 * x).backward()
    #expect(x.gradient?.scalar == 23)
    [Parameter("x", x)].clearGradients()
    #expect(x.gradient == nil)
  }

  @Test func aGradientIsCompleteBeforeItGoesOn() {
    // The long way back to x is as much part of its gradient as the short one, in whichever order they were written.
    for isLongFirst in [true, false] {
      let x = Variable<Double>(DenseTensor(2), needsGradient: true)
      let y = x * 3
      let long = (y + 1).squared() * 2
      let loss = isLongFirst ? long + y : y + long
      loss.backward()
      // 2 (3 x + 1)² + 3 x has the derivative 12 (3 x + 1) + 3.
      #expect(x.gradient?.scalar == 87)
    }
  }

  @Test func constantsGetNoGradientAndDetachedOnesPassNoneOn() {
    let x = Variable<Double>(DenseTensor(3), needsGradient: true)
    let constant = Variable<Double>(DenseTensor(4))
    (x * constant + x.squared().detached()).backward()
    #expect(x.gradient?.scalar == 4)
    #expect(constant.gradient == nil)
    #expect(!(constant * constant).needsGradient)
    #expect(!x.detached().needsGradient)
  }

  @Test func computingWithoutGradientsRecordsNothing() throws {
    let x = Variable<Double>(DenseTensor(3), needsGradient: true)
    let frozen = Variable<Double>(DenseTensor(3))
    let parameters = [Parameter("x", x), Parameter("frozen", frozen)]
    weak var intermediate: Variable<Double>?
    let result = parameters.withoutGradients {
      let square = x.squared()
      intermediate = square
      return square * frozen
    }
    #expect(result.value.scalar == 27 && !result.needsGradient && intermediate == nil)
    #expect(x.needsGradient && !frozen.needsGradient)
  }

  @Test func aWalkedGraphIsReleased() {
    let x = Variable<Double>(DenseTensor(3), needsGradient: true)
    weak var intermediate: Variable<Double>?
    func loss() -> Variable<Double> {
      let square = x.squared()
      intermediate = square
      return square.exponential()
    }
    let result = loss()
    #expect(intermediate != nil)
    result.backward()
    #expect(intermediate == nil)
  }

  @Test func dropoutKeepsTheMeanAndZeroesTheShareItIsTold() {
    var generator = SeededGenerator(seed: 2)
    let input = Variable<Float>(DenseTensor(repeating: 1, shape: [100, 1000]))
    for rate in [0.1, 0.5, 0.8] {
      let output = input.dropout(rate: rate, using: &generator).value.values
      let dropped = Double(output.filter { $0 == 0 }.count) / 100_000
      // Six standard deviations.
      #expect(abs(dropped - rate) < 0.01)
      let mean = output.reduce(0.0) { $0 + Double($1) } / 100_000
      #expect(abs(mean - 1) < 0.05)
    }
    #expect(input.dropout(rate: 0, using: &generator).value == input.value)
  }

  @Test func dropoutDoesNothingInInference() {
    let input = Variable<Float>(DenseTensor(repeating: 1, shape: [100]))
    let layer = Dropout(rate: 0.5)
    var (inference, training) = (Pass.inference, Pass.training(SeededGenerator(seed: 1)))
    #expect(layer.apply(to: input, pass: &inference).value == input.value)
    let first = layer.apply(to: input, pass: &training).value
    #expect(first != input.value)
    // The random numbers go on from use to use.
    #expect(layer.apply(to: input, pass: &training).value != first)
  }

  @Test func theFirstOfEqualMaximaGetsTheGradient() {
    let x = Variable<Double>(DenseTensor(shape: [4, 1], values: [1, 5, 5, 2]), needsGradient: true)
    x.maximum(axis: 0).sum().backward()
    #expect(x.gradient?.values == [0, 1, 0, 0])
  }

  @Test func aRowThatTheMaskLeavesNothingOfBecomesZeros() {
    let x = Variable<Double>(DenseTensor(shape: [2, 2], values: [1, 2, 3, 3]), needsGradient: true)
    let infinity = Double.infinity
    let y = x.softmax(mask: DenseTensor(shape: [2, 2], values: [-infinity, -infinity, 0, 0]))
    #expect(y.value.values == [0, 0, 0.5, 0.5])
    y.squared().sum().backward()
    #expect(x.gradient?.values.allSatisfy { $0.isFinite } == true)
  }

  @Test func tensorsConvertToThoseOfTheNetworks() {
    let tensor = DenseTensor<Double>(shape: [2, 1], values: [0.5, 2]).tensor
    #expect(tensor.shape == [2, 1] && tensor.values == [0.5, 2])
    #expect(DenseTensor<Double>(tensor) == DenseTensor(shape: [2, 1], values: [0.5, 2]))
    #expect(DenseTensor<Float>(tensor).tensor == tensor)
  }
}
