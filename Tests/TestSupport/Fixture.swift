public import NeuralNetwork

/// Files in `Tests/Fixtures`.
public enum Fixture {
  public static func path(_ name: String) -> String {
    let directory = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(directory)/Fixtures/\(name)"
  }

  public static func tensors(_ name: String) throws -> SafetensorsFile {
    try SafetensorsFile(path: path(name))
  }
}

/// How two sets of numbers differ.
public struct Difference {
  /// Largest difference relative to the largest expected value.
  public let relativeToLargest: Float
  /// L2 norm of the difference relative to that of the expected values.
  public let relativeL2: Float

  public init(_ actual: [Float], _ expected: [Float]) {
    precondition(actual.count == expected.count, "\(actual.count) values against \(expected.count)")
    var (largest, largestDifference): (Float, Float) = (0, 0)
    var (sum, differenceSum) = (0.0, 0.0)
    for (actual, expected) in zip(actual, expected) {
      let difference = actual - expected
      largest = max(largest, abs(expected))
      // NaN must not pass as small.
      largestDifference = difference.isFinite ? max(largestDifference, abs(difference)) : .infinity
      sum += Double(expected) * Double(expected)
      differenceSum += Double(difference) * Double(difference)
    }
    relativeToLargest = largestDifference / largest
    relativeL2 = Float((differenceSum / sum).squareRoot())
  }
}
