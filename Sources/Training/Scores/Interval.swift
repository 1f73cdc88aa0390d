/// A 95 % confidence interval.
public struct Interval: Sendable, Equatable {
  public let lower: Double
  public let upper: Double

  /// From the 2.5th to the 97.5th percentile of a score's bootstrap draws (Efron and Tibshirani, "An introduction to the
  /// bootstrap", 1993, chapter 13). Draws in which the score is undefined are left out; nil if these are more than half.
  init?(draws: [Double?]) {
    let sorted = draws.compactMap { $0 }.sorted()
    guard !sorted.isEmpty, sorted.count * 2 >= draws.count else { return nil }
    func percentile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let index = Int(position)
      let next = min(index + 1, sorted.count - 1)
      return sorted[index] + (sorted[next] - sorted[index]) * (position - Double(index))
    }
    lower = percentile(0.025)
    upper = percentile(0.975)
  }
}
