internal import Affect

/// A picture of curves: a self-contained SVG file without scripts, for light and dark surroundings, with panels one below
/// the other.
package struct LinePlot {
  package struct Series {
    let name: String
    let color: Color
    let points: [(x: Double, y: Double)]

    /// - Parameter points: values beyond ±``PlotAxis/limit``, and what is no number, are left out.
    package init(_ name: String, _ color: Color, points: [(x: Double, y: Double)]) {
      (self.name, self.color) = (name, color)
      self.points = points.filter { abs($0.y) <= PlotAxis.limit }
    }
  }

  /// The colours are those of Okabe and Ito, which people with colour blindness tell apart too.
  package enum Color: String, Sendable {
    case blue = "first"
    case orange = "second"
    case green = "third"
    case purple = "fourth"
  }

  /// Curves over the same axes. One without a point is not drawn.
  package struct Panel {
    let heading: String
    let series: [Series]
    let x: PlotAxis
    let xTitle: String
    /// A dashed line at a place, with words above it.
    let mark: (x: Double, label: String)?

    package init(
      _ heading: String, _ series: [Series], x: PlotAxis, xTitle: String, mark: (x: Double, label: String)? = nil
    ) {
      (self.heading, self.x, self.xTitle, self.mark) = (heading, x, xTitle, mark)
      self.series = series.filter { !$0.points.isEmpty }
    }
  }

  private let title: String
  private let panels: [Panel]
  private let textWithoutPanels: String

  /// - Parameter textWithoutPanels: what stands there if there is nothing to draw.
  package init(title: String, _ panels: [Panel], textWithoutPanels: String) {
    self.title = title
    self.panels = panels.filter { !$0.series.isEmpty }
    self.textWithoutPanels = textWithoutPanels
  }

  /// The whole file, XML 1.0 in UTF-8.
  package var svg: String {
    let height = Layout.top + panels.count * Layout.panelPitch
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Layout.width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(Layout.width) \(height)\" role=\"img\">",
      "<title>\(SVG.escaped(title))</title>",
      Self.style,
      "<rect class=\"background\" width=\"100%\" height=\"100%\"/>",
      "<text class=\"title\" x=\"\(Layout.left)\" y=\"34\">\(SVG.escaped(title))</text>",
    ]
    for (index, panel) in panels.enumerated() {
      lines += draw(panel, top: Layout.top + index * Layout.panelPitch + Layout.panelHead)
    }
    if panels.isEmpty {
      lines.append("<text x=\"\(Layout.left)\" y=\"\(Layout.top - 4)\">\(SVG.escaped(textWithoutPanels))</text>")
    }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  // MARK: - Drawing. Lengths are in pixels.

  private enum Layout {
    static let width = 760
    static let left = 72
    static let right = 736
    /// Room for the title.
    static let top = 52
    /// Room above a panel's curves for its heading, its legend and the mark of the best epoch.
    static let panelHead = 48
    static let plotHeight = 220
    static let panelPitch = panelHead + plotHeight + 56
    /// Mean width of a letter of the legend, about: no font is sure to be there.
    static let letterWidth = 7
    /// Up to this many, points are marked one by one.
    static let mostMarks = 60
  }

  private func draw(_ panel: Panel, top: Int) -> [String] {
    let values = PlotAxis(values: panel.series.flatMap { $0.points.map(\.y) })
    let bottom = top + Layout.plotHeight
    func x(_ value: Double) -> String {
      (Double(Layout.left) + panel.x.share(of: value) * Double(Layout.right - Layout.left)).fixed(1)
    }
    func y(_ value: Double) -> String {
      (Double(bottom) - values.share(of: value) * Double(Layout.plotHeight)).fixed(1)
    }
    var lines = ["<text class=\"heading\" x=\"\(Layout.left)\" y=\"\(top - 28)\">\(panel.heading)</text>"]
    lines += legend(panel.series, y: top - 32)
    for tick in values.ticks {
      let height = y(tick.value)
      lines.append(
        "<line class=\"grid\" x1=\"\(Layout.left)\" y1=\"\(height)\" x2=\"\(Layout.right)\" y2=\"\(height)\"/>")
      lines.append(
        "<text class=\"tick\" x=\"\(Layout.left - 10)\" y=\"\(height)\" dy=\"4\" text-anchor=\"end\">"
          + "\(tick.label)</text>")
    }
    lines.append(
      "<line class=\"axis\" x1=\"\(Layout.left)\" y1=\"\(bottom)\" x2=\"\(Layout.right)\" y2=\"\(bottom)\"/>")
    for tick in panel.x.ticks {
      let place = x(tick.value)
      lines.append("<line class=\"axis\" x1=\"\(place)\" y1=\"\(bottom)\" x2=\"\(place)\" y2=\"\(bottom + 5)\"/>")
      lines.append(
        "<text class=\"tick\" x=\"\(place)\" y=\"\(bottom + 20)\" text-anchor=\"middle\">\(tick.label)</text>")
    }
    lines.append(
      "<text class=\"tick\" x=\"\((Layout.left + Layout.right) / 2)\" y=\"\(bottom + 38)\" text-anchor=\"middle\">"
        + "\(panel.xTitle)</text>")
    if let mark = panel.mark, (panel.x.lower...panel.x.upper).contains(mark.x) {
      let place = x(mark.x)
      // At the ends the words would leave the picture.
      let share = panel.x.share(of: mark.x)
      let anchor = share < 0.1 ? "start" : share > 0.9 ? "end" : "middle"
      lines.append("<line class=\"best\" x1=\"\(place)\" y1=\"\(top)\" x2=\"\(place)\" y2=\"\(bottom)\"/>")
      lines.append(
        "<text class=\"tick\" x=\"\(place)\" y=\"\(top - 7)\" text-anchor=\"\(anchor)\">"
          + "\(SVG.escaped(mark.label))</text>")
    }
    for series in panel.series {
      let points = series.points.map { (isMarked: $0.x == panel.mark?.x, x: x($0.x), y: y($0.y)) }
      if points.count > 1 {
        let path = points.map { "\($0.x),\($0.y)" }.joined(separator: " ")
        lines.append("<polyline class=\"\(series.color.rawValue) curve\" points=\"\(path)\"/>")
      }
      for point in points where points.count <= Layout.mostMarks || point.isMarked {
        let radius = point.isMarked ? "4.5" : "2.5"
        lines.append("<circle class=\"\(series.color.rawValue)\" cx=\"\(point.x)\" cy=\"\(point.y)\" r=\"\(radius)\"/>")
      }
    }
    return lines
  }

  /// A stroke and a name for each series, ending at the right.
  private func legend(_ series: [Series], y: Int) -> [String] {
    var x = Layout.right
    return series.reversed().flatMap { series in
      x -= series.name.count * Layout.letterWidth
      let text = "<text x=\"\(x)\" y=\"\(y)\" dy=\"4\">\(series.name)</text>"
      let line =
        "<line class=\"\(series.color.rawValue) curve\" x1=\"\(x - 30)\" y1=\"\(y)\" x2=\"\(x - 8)\" y2=\"\(y)\"/>"
      x -= 52
      return [line, text]
    }
  }

  // MARK: - XML

  /// For dark surroundings the colours are lighter shades.
  private static let style = """
    <style>
      text { font: 13px system-ui, sans-serif; fill: #24292f; }
      .title { font-size: 18px; font-weight: 600; }
      .heading { font-weight: 600; }
      .tick { font-size: 12px; fill: #57606a; }
      .background { fill: #ffffff; }
      .grid { stroke: #d8dee4; }
      .axis { stroke: #57606a; }
      .best { stroke: #57606a; stroke-dasharray: 4 4; }
      .curve { stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
      .first { stroke: #0072b2; fill: #0072b2; }
      .second { stroke: #d55e00; fill: #d55e00; }
      .third { stroke: #008060; fill: #008060; }
      .fourth { stroke: #b0568c; fill: #b0568c; }
      @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3; }
        .tick { fill: #9198a1; }
        .background { fill: #0d1117; }
        .grid { stroke: #2a313c; }
        .axis, .best { stroke: #9198a1; }
        .first { stroke: #56b4e9; fill: #56b4e9; }
        .second { stroke: #ff9d4d; fill: #ff9d4d; }
        .third { stroke: #3fd0a4; fill: #3fd0a4; }
        .fourth { stroke: #e79ac6; fill: #e79ac6; }
      }
      polyline.curve { fill: none; }
    </style>
    """
}
