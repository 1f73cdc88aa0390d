import Affect
import Testing
import Training

@Suite struct QuadrantConfusionTests {
  private func confusion(_ labels: [Int], _ predictions: [Int]) throws -> QuadrantConfusion {
    func quadrants(_ numbers: [Int]) throws -> [Quadrant] { try numbers.map { try #require(Quadrant(rawValue: $0)) } }
    return QuadrantConfusion(labels: try quadrants(labels), predictions: try quadrants(predictions))
  }

  private func isNear(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) < 1e-12 }

  // The values are those of scikit-learn 1.9.1: accuracy_score, f1_score(average: macro and weighted), confusion_matrix.

  @Test func scoresAreThoseOfScikitLearn() throws {
    let labels = (0..<60).map { ($0 * 7 + $0 * $0 / 3) % 4 + 1 }
    let predictions = labels.enumerated().map { $0 % 3 == 0 ? ($0 * 5 + $0 / 4) % 4 + 1 : $1 }
    let confusion = try confusion(labels, predictions)
    #expect(confusion.counts == [[3, 2, 2, 3], [0, 20, 0, 0], [2, 2, 2, 4], [0, 0, 0, 20]])
    #expect(isNear(confusion.accuracy, 0.75))
    #expect(isNear(confusion.macroF1, 0.6114672561481072))
    #expect(isNear(confusion.weightedF1, 0.7010039605784286))
  }

  @Test func aQuadrantThatOccursNowhereDoesNotCount() throws {
    let confusion = try confusion([1, 1, 1, 2, 2, 4], [1, 4, 4, 2, 1, 4])
    #expect(confusion.counts == [[1, 0, 0, 2], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]])
    #expect(isNear(confusion.accuracy, 0.5))
    #expect(isNear(confusion.macroF1, 0.5222222222222223))
    #expect(isNear(confusion.weightedF1, 0.5055555555555555))
    #expect(confusion.f1(.three) == nil)
  }

  @Test func aQuadrantThatIsPredictedAndNeverRightCountsAsNone() throws {
    let confusion = try confusion([1, 1, 2, 2, 2], [1, 3, 2, 2, 3])
    #expect(isNear(confusion.macroF1, 0.48888888888888893))
    #expect(isNear(confusion.weightedF1, 0.7466666666666667))
    #expect(confusion.f1(.three) == 0 && confusion.f1(.four) == nil)
  }

  @Test func partsAddUpToTheWhole() throws {
    var sum = try confusion([1, 2, 3], [1, 1, 4])
    sum += try confusion([4, 4], [4, 2])
    #expect(sum == (try confusion([1, 2, 3, 4, 4], [1, 1, 4, 4, 2])))
  }

  @Test func theTableHasALineForEachLabel() throws {
    let confusion = try confusion([1, 1, 2, 2, 2], [1, 3, 2, 2, 3])
    #expect(
      confusion.lines == [
        "label       as 1  as 2  as 3  as 4     F1",
        "quadrant 1     1     0     1     0  0.667",
        "quadrant 2     0     2     1     0  0.800",
        "quadrant 3     0     0     0     0  0.000",
        "quadrant 4     0     0     0     0      –",
      ])
  }
}
