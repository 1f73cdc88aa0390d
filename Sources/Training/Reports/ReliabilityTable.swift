/// What `evaluate` prints about a model's confidence.
public struct ReliabilityTable: Sendable {
  private let reliability: Reliability

  public init(_ reliability: Reliability) {
    self.reliability = reliability
  }

  /// A line for each bin, then the summary.
  public var lines: [String] {
    let table = TextTable(
      columns: ["confidence", "frames", "songs", "mean", "observed"],
      rows: reliability.bins.map { bin in
        [
          "\(NumberText.fixed(Double(bin.range.lowerBound), 2)) to "
            + NumberText.fixed(Double(bin.range.upperBound), 2),
          "\(bin.frameCount)", "\(bin.songCount)", NumberText.fixed(bin.meanConfidence, 3),
          NumberText.fixed(bin.observedShare, 3),
        ]
      })
    return table.lines + [
      "",
      "both values within \(ConfidenceTarget.tolerance): \(NumberText.fixed(reliability.baseRate, 3)) of all frames",
      "expected calibration error: \(NumberText.fixed(reliability.expectedCalibrationError, 3))",
      "Brier score: \(NumberText.fixed(reliability.brierScore, 3)) "
        + "(\(NumberText.fixed(reliability.baseRateBrierScore, 3)) for the base rate alone)",
    ]
  }
}
