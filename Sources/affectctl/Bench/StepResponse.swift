/// How a curve follows music that changes at known times: excerpts of equal length, cut end to end.
///
/// The level of an excerpt is the mean of the values in its second half, where they have settled. The step at a cut is
/// the difference between the levels of the two excerpts that meet there.
package struct StepResponse: Sendable, Equatable {
  package struct Cut: Sendable, Equatable {
    /// Place in the audio, seconds.
    package let time: Double
    /// Level of the excerpt that ends there.
    package let before: Double
    /// Level of the excerpt that begins there.
    package let after: Double
    /// Seconds until ``StepResponse/shareOfStep`` of the step was made, at a tick; nil where the step is smaller than
    /// ``StepResponse/leastStep``.
    package let delay: Double?

    package var step: Double { after - before }

    package init(time: Double, before: Double, after: Double, delay: Double?) {
      self.time = time
      self.before = before
      self.after = after
      self.delay = delay
    }
  }

  /// A value has followed when it has made this much of the step.
  package static let shareOfStep = 0.8
  /// A smaller step is not told from the values' own movement.
  package static let leastStep = 0.1

  /// In the order of time, one fewer than there are excerpts.
  package let cuts: [Cut]
  /// Standard deviation in the second half of each excerpt.
  package let deviations: [Double]

  /// Evaluates a curve.
  ///
  /// A value at the very end of an excerpt belongs to it, because it was made of the audio before.
  ///
  /// - Parameters:
  ///   - curve: times in seconds, ascending, from the start of the first excerpt on, and the value at each.
  ///   - excerptLength: seconds.
  /// - Returns: nil if some excerpt has no value in its second half.
  package init?(curve: [(time: Double, value: Double)], excerptLength: Double, excerptCount: Int) {
    var levels: [Double] = []
    var deviations: [Double] = []
    for excerpt in 0..<excerptCount {
      let end = Double(excerpt + 1) * excerptLength
      let values = curve.filter { $0.time > end - excerptLength / 2 && $0.time <= end }.map(\.value)
      guard !values.isEmpty else { return nil }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      levels.append(mean)
      deviations.append(variance.squareRoot())
    }
    cuts = zip(levels, levels.dropFirst()).enumerated().map { index, levels in
      let time = Double(index + 1) * excerptLength
      let (before, after) = levels
      var delay: Double?
      if abs(after - before) >= Self.leastStep {
        // Some value lies at the mean or beyond it, so this is found before the next cut.
        let followed = curve.first { $0.time > time && ($0.value - before) / (after - before) >= Self.shareOfStep }
        delay = followed.map { $0.time - time }
      }
      return Cut(time: time, before: before, after: after, delay: delay)
    }
    self.deviations = deviations
  }

  /// Median over the cuts that have a delay, seconds; nil if none has.
  package var medianDelay: Double? { Self.median(cuts.compactMap(\.delay)) }

  /// The longest delay, seconds; nil if no cut has one.
  package var worstDelay: Double? { cuts.compactMap(\.delay).max() }

  /// Median standard deviation, so that an excerpt in which the music itself changes does not decide it; nil without
  /// excerpts.
  package var steadyDeviation: Double? { Self.median(deviations) }

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
