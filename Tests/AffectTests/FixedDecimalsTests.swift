import Affect
import Testing

@Suite struct FixedDecimalsTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (-0.004, 2, "0.00"), (-0.005, 2, "-0.01"), (1.05, 1, "1.1"), (12, 0, "12"), (-2.5, 0, "-3"),
    (0.0306, 3, "0.031"), (99.996, 2, "100.00"), (1e300, 2, "1e+300"), (-.infinity, 1, "-inf"), (.nan, 1, "nan"),
  ])
  func numbersHaveTheirDigits(value: Double, digits: Int, expected: String) {
    #expect(value.fixed(digits) == expected)
  }
}
