internal import Affect
internal import Glibc

/// An axis of a plot: the values from end to end, and ticks at round numbers.
package struct PlotAxis: Sendable {
  /// Values at the two ends, `lower < upper`.
  package let lower: Double
  package let upper: Double
  package let ticks: [(value: Double, label: String)]

  /// Values beyond this are not drawn: their differences could overflow.
  package static let limit = 1e100

  /// An axis for values, which ends at ticks.
  ///
  /// - Parameter values: at least one, none beyond ±``limit``.
  package init(values: [Double]) {
    var (least, greatest) = Self.bounds(of: values)
    // Equal values, or values that only rounding tells apart, get some room.
    if greatest - least <= max(abs(least), abs(greatest)) * 1e-9 {
      let room = least == 0 ? 1 : abs(least) * 0.1
      (least, greatest) = (least - room, greatest + room)
    }
    let step = RoundStep(atLeast: (greatest - least) / 6)
    let first = (least / step.value).rounded(.down)
    let last = (greatest / step.value).rounded(.up)
    ticks = (0...Int(last - first)).map { step.tick(first + Double($0)) }
    lower = ticks[0].value
    upper = ticks[ticks.count - 1].value
  }

  /// An axis for whole numbers, which ends at the first and the last of them.
  ///
  /// - Parameter numbers: at least one.
  package init(numbers: [Int]) {
    let (least, greatest) = Self.bounds(of: numbers.map(Double.init))
    let step = RoundStep(atLeast: max((greatest - least) / 10, 1))
    let first = (least / step.value).rounded(.up)
    let last = (greatest / step.value).rounded(.down)
    ticks = first <= last ? (0...Int(last - first)).map { step.tick(first + Double($0)) } : []
    (lower, upper) = least < greatest ? (least, greatest) : (least - 0.5, least + 0.5)
  }

  /// An axis for frequencies in Hz on a logarithmic scale, over whose binary logarithms it goes.
  package init(frequencies: ClosedRange<Double>) {
    (lower, upper) = (log2(frequencies.lowerBound), log2(frequencies.upperBound))
    let round = [20.0, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
    ticks = round.filter { frequencies.contains($0) }.map {
      (log2($0), $0 < 1000 ? "\(Int($0))" : "\(Int($0 / 1000))k")
    }
  }

  /// Where `value` lies between the ends, 0...1.
  package func share(of value: Double) -> Double {
    (value - lower) / (upper - lower)
  }

  private static func bounds(of values: [Double]) -> (least: Double, greatest: Double) {
    values.reduce((.infinity, -.infinity)) { (min($0.0, $1), max($0.1, $1)) }
  }
}

/// A distance between ticks: 1, 2 or 5 times a power of ten.
private struct RoundStep {
  private let factor: Double
  private let exponent: Int

  var value: Double { scaled(factor) }

  init(atLeast distance: Double) {
    let exponent = Int(log10(distance).rounded(.down))
    let mantissa = distance / pow(10, Double(exponent))
    // The small addition keeps 2.0000000000000004 from becoming 5.
    let factor = [1.0, 2, 5].first { mantissa <= $0 + 1e-9 }
    self.factor = factor ?? 1
    self.exponent = factor == nil ? exponent + 1 : exponent
  }

  /// The tick `index` steps from 0.
  func tick(_ index: Double) -> (value: Double, label: String) {
    let value = scaled(index * factor)
    let isPlain = (-6...6).contains(exponent)
    return (value, isPlain ? value.fixed(max(0, -exponent)) : "\(value)")
  }

  /// `number` · 10^exponent, by a division where the power is negative: 3 / 10 is 0.3, 3 · 0.1 is not.
  private func scaled(_ number: Double) -> Double {
    exponent < 0 ? number / pow(10, Double(-exponent)) : number * pow(10, Double(exponent))
  }
}
