import Affect
import Glibc
import Plotting
import Publishing
import SignalProcessing

/// The picture of a calibration: what is added to each third of an octave, and what was heard beside what is played.
struct CalibrationPlot {
  /// dB.
  let gain: Double
  let filter: VenueFilter?
  /// dB of full scale in each of `ThirdOctaves.centres`: what was heard, and what was played; nil if it is not known.
  var spectra: (heard: [Double], played: [Double])?

  /// The whole file, see `LinePlot`.
  var svg: String {
    let axis = PlotAxis(frequencies: 45...18_000)
    var panels: [LinePlot.Panel] = []
    if let filter {
      panels.append(
        LinePlot.Panel(
          "Filter, dB", [series("filter", .blue, filter.decibels)], x: axis, xTitle: "Hz"))
    }
    if let spectra {
      panels.append(
        LinePlot.Panel(
          "Thirds of an octave, dB of full scale, with the gain",
          [
            series("heard", .orange, spectra.heard.map { $0 + gain }),
            series("as recorded", .green, spectra.played),
          ], x: axis, xTitle: "Hz"))
    }
    let decibels = gain >= 0 ? "+\(gain.fixed(1))" : gain.fixed(1)
    return LinePlot(
      title: "Calibration: \(decibels) dB", panels, textWithoutPanels: "A gain alone: too little was heard."
    )
    .svg
  }

  private func series(_ name: String, _ color: LinePlot.Color, _ decibels: [Double]) -> LinePlot.Series {
    LinePlot.Series(name, color, points: zip(ThirdOctaves.centres, decibels).map { (log2($0), $1) })
  }
}

extension CalibrationPlot {
  /// From affectd's reply to `calibrate`.
  init(_ reply: JSONValue) {
    var filter: VenueFilter?
    if case .array(let values)? = reply["filter"] {
      let decibels = values.compactMap(\.number)
      if decibels.count == ThirdOctaves.centres.count { filter = VenueFilter(limiting: decibels) }
    }
    self.init(gain: reply["gain"]?.number ?? 0, filter: filter)
  }
}
