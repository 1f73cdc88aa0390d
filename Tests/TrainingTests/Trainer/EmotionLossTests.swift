import Testing
import Training

@Suite struct EmotionLossTests {
  private func leaf(_ values: [Float]) -> Variable<Float> {
    Variable(DenseTensor(shape: [values.count / 2, 2], values: values), needsGradient: true)
  }

  @Test func theLossIsTheWeightedSquaredErrorAndTheLikelihood() {
    let loss = EmotionLoss.loss(
      values: leaf([0.5, 0, 0.1, 0.2]), logVariances: leaf([0, 0, 0, 0]), targets: [0, 0, 0.1, 0], weights: [1, 0.5])
    // Squared errors 0.25 and 0, 0 and 0.04: (0.25 + 0.5 × 0.04) / (2 × 1.5); half of that again for the likelihood.
    #expect(abs(loss.value.scalar - 1.5 * 0.27 / 3) < 1e-6)
  }

  @Test func theValuesAreMovedByTheSquaredErrorAlone() throws {
    let values = leaf([0.5, 0, 0.1, 0.2])
    let logVariances = leaf([-4, 0, 1, -2])
    let loss = EmotionLoss.loss(
      values: values, logVariances: logVariances, targets: [0, 0, 0.1, 0], weights: [1, 0.5])
    loss.backward()
    let gradient = try #require(values.gradient).values
    for (own, expected) in zip(gradient, [2 * 0.5 / 3, 0, 0, 2 * 0.5 * 0.2 / 3]) {
      #expect(abs(Double(own) - expected) < 1e-6)
    }
  }

  @Test func theVarianceIsRightWhereItIsTheSquaredError() throws {
    let logVariances = leaf([-2, -2])
    let error = Float(0.36787944)  // exp(-1): its square is exp(-2).
    let loss = EmotionLoss.loss(
      values: leaf([error, -error]), logVariances: logVariances, targets: [0, 0], weights: [1])
    loss.backward()
    for slope in try #require(logVariances.gradient).values { #expect(abs(slope) < 1e-6) }
    let small = leaf([-3, -1])
    EmotionLoss.loss(values: leaf([error, error]), logVariances: small, targets: [0, 0], weights: [1]).backward()
    let slopes = try #require(small.gradient).values
    #expect(slopes[0] < 0 && slopes[1] > 0)
  }

  @Test func whatDoesNotCountMovesNothing() throws {
    let values = leaf([0.5, 0.5, 0.1, 0.2])
    EmotionLoss.loss(values: values, logVariances: leaf([0, 0, 0, 0]), targets: [0, 0, 0, 0], weights: [0, 1])
      .backward()
    #expect(try #require(values.gradient).values.prefix(2) == [0, 0])
  }

  @Test func theSignsLossIsThatOfLogisticRegression() throws {
    let values = leaf([0.25, -0.25, 0.9, 0.9])
    let loss = EmotionLoss.loss(
      values: values, logVariances: leaf([0, 0, 0, 0]), targets: [1, 1, 0, 0], weights: [0, 0], signWeights: [0.5, 0])
    // A right and a wrong sign at a logit of 2, each at a quarter of the weight: log(1 + exp(-2)) and log(1 + exp(2)).
    #expect(abs(loss.value.scalar - 0.125 * (0.126928 + 2.126928)) < 1e-5)
    loss.backward()
    let gradient = try #require(values.gradient).values
    // The logistic function of 2 is 0.880797.
    #expect(abs(gradient[0] + 0.125 * 8 * (1 - 0.880797)) < 1e-5)
    #expect(abs(gradient[1] + 0.125 * 8 * 0.880797) < 1e-5)
    #expect(gradient[2] == 0 && gradient[3] == 0)
  }

  @Test func theConcordancesGradientIsThatOfItsDifferences() throws {
    let targets: [Float] = [0.1, -0.4, 0.7, 0.2, -0.3, 0.5]
    let weights: [Float] = [1, 0.5, 2]
    let start: [Float] = [0.3, 0.1, 0.2, -0.2, -0.6, 0.9]
    func loss(_ values: Variable<Float>) -> Variable<Float> {
      EmotionLoss.loss(
        values: values, logVariances: leaf([0, 0, 0, 0, 0, 0]), targets: targets, weights: weights, concordance: 3)
    }
    let values = leaf(start)
    loss(values).backward()
    let gradient = try #require(values.gradient).values
    for index in start.indices {
      var (up, down) = (start, start)
      up[index] += 0.01
      down[index] -= 0.01
      // The part for the likelihood moves with the error, too, but has no gradient here: half the squared error.
      func total(_ values: [Float]) -> Float {
        let rest = EmotionLoss.loss(
          values: leaf(values), logVariances: leaf([0, 0, 0, 0, 0, 0]), targets: targets, weights: weights)
        return loss(leaf(values)).value.scalar - rest.value.scalar / 3
      }
      #expect(abs((total(up) - total(down)) / 0.02 - gradient[index]) < 2e-3)
    }
  }

  @Test func valuesThatAgreeHaveAConcordanceOfOne() {
    let targets: [Float] = [0.1, -0.4, 0.7, 0.2]
    let loss = EmotionLoss.loss(
      values: leaf(targets), logVariances: leaf([0, 0, 0, 0]), targets: targets, weights: [1, 1], concordance: 1)
    #expect(abs(loss.value.scalar) < 1e-6)
    let other = EmotionLoss.loss(
      values: leaf([0, 0, 0, 0]), logVariances: leaf([0, 0, 0, 0]), targets: targets, weights: [1, 1], concordance: 1)
    // Without any concordance: 1 for each value, halved and summed, beside 1.5 times the mean square 0.175.
    #expect(abs(other.value.scalar - (1 + 1.5 * 0.175)) < 1e-5)
  }
}
