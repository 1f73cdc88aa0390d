import Testing
import Training

@Suite struct RidgeRegressionTests {
  /// Points (1, 2), (3, 4), (5, 9): mean (3, 5), Sxx = 8, Sxy = 14.
  private func moments() -> RidgeRegression.Moments {
    var moments = RidgeRegression.Moments(inputs: 1, targets: 1)
    for (x, y) in [(1, 2), (3, 4), (5, 9)] { moments.add([Float(x)], targets: [Float(y)]) }
    return moments
  }

  @Test func aSmallPenaltyGivesTheLeastSquaresLine() {
    let line = moments().solve(penalty: 1e-9)
    #expect(abs(line.weights[0][0] - 14.0 / 8) < 1e-6)
    #expect(abs(line.offsets[0] - (5 - 3 * 14.0 / 8)) < 1e-6)
  }

  @Test func thePenaltyShrinksTheSlopeAndKeepsTheMean() {
    // Three samples: the penalty 2 adds 6 to Sxx.
    let line = moments().solve(penalty: 2)
    #expect(abs(line.weights[0][0] - 1) < 1e-9)
    #expect(abs(line.predict([3])[0] - 5) < 1e-9)
  }

  @Test func aWeightCountsLikeRepetition() {
    var weighted = RidgeRegression.Moments(inputs: 2, targets: 2)
    var repeated = weighted
    for index in 0..<9 {
      let input = [Float(index % 4), Float(index * index % 7)]
      let target = [Float(index), 3 - input[0]]
      weighted.add(input[...], targets: target, weight: Double(1 + index % 3))
      for _ in 0...index % 3 { repeated.add(input[...], targets: target) }
    }
    let (first, second) = (weighted.solve(penalty: 0.1), repeated.solve(penalty: 0.1))
    for (left, right) in zip(first.weights.joined(), second.weights.joined()) { #expect(abs(left - right) < 1e-9) }
    #expect(abs(first.weights[0][1]) > 0.01)
  }

  @Test func severalInputsSolveTheirEquations() {
    // y = 2 a - 3 b + 1, exactly.
    var moments = RidgeRegression.Moments(inputs: 2, targets: 1)
    for (a, b) in [(0, 0), (1, 0), (0, 1), (2, 3), (-1, 4)] {
      moments.add([Float(a), Float(b)], targets: [Float(2 * a - 3 * b + 1)])
    }
    let plane = moments.solve(penalty: 1e-10)
    #expect(abs(plane.weights[0][0] - 2) < 1e-6 && abs(plane.weights[0][1] + 3) < 1e-6)
    #expect(abs(plane.offsets[0] - 1) < 1e-6)
  }
}
