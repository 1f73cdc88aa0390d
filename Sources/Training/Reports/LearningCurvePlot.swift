internal import Plotting

/// Draws a learning curve: the losses by epoch, and below them the correlations on the validation songs if there are any.
struct LearningCurvePlot {
  private let curve: LearningCurve
  private let title: String

  init(_ curve: LearningCurve, title: String) {
    self.curve = curve
    self.title = title
  }

  /// The whole file, see `LinePlot`.
  var svg: String {
    LinePlot(
      title: title,
      [
        panel(
          "Loss",
          [
            series("training", .blue) { $0.trainingLoss },
            series("validation", .orange) { $0.validationLoss },
          ]),
        panel(
          "Correlation r, validation songs",
          [
            series("valence", .green) { $0.validationCorrelation?.valence },
            series("arousal", .purple) { $0.validationCorrelation?.arousal },
          ]),
      ], textWithoutPanels: "No epochs yet."
    ).svg
  }

  private func panel(_ heading: String, _ series: [LinePlot.Series]) -> LinePlot.Panel {
    LinePlot.Panel(
      heading, series, x: PlotAxis(numbers: curve.entries.isEmpty ? [0] : curve.entries.map(\.epoch)), xTitle: "epoch",
      mark: curve.bestEpoch.map { (Double($0), "best: epoch \($0)") })
  }

  private func series(
    _ name: String, _ color: LinePlot.Color, value: (LearningCurve.Entry) -> Double?
  ) -> LinePlot.Series {
    LinePlot.Series(
      name, color, points: curve.entries.compactMap { entry in value(entry).map { (Double(entry.epoch), $0) } })
  }
}
