internal import Affect

/// The way of a piece through the plane of valence and arousal, coloured by time: a self-contained SVG file without
/// scripts.
package struct AffectPlanePlot {
  private let curve: AffectCurve

  package init(_ curve: AffectCurve) { self.curve = curve }

  // Lengths are in pixels.
  private static let (width, height) = (720, 680)
  private static let (left, top, side) = (70, 64, 540)

  /// The whole file, XML 1.0 in UTF-8.
  package var svg: String {
    var lines = SVG.head(curve.title, width: Self.width, height: Self.height, left: Self.left)
    lines += plane + way + legend
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private var plane: [String] {
    let (half, right, bottom) = (Self.side / 2, Self.left + Self.side, Self.top + Self.side)
    var lines: [String] = []
    for (number, dx, dy) in [(1, half, 0), (2, 0, 0), (3, 0, half), (4, half, half)] {
      guard let quadrant = Quadrant(rawValue: number) else { continue }
      let (x, y) = (Self.left + dx, Self.top + dy)
      lines.append(
        "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(half)\" height=\"\(half)\" fill=\"\(AffectStyle.color(of: quadrant))\" "
          + "fill-opacity=\"0.09\"/>")
      let (textX, anchor) = dx > 0 ? (x + half - 10, "end") : (x + 10, "start")
      lines.append(
        "<text x=\"\(textX)\" y=\"\(dy > 0 ? bottom - 12 : Self.top + 22)\" text-anchor=\"\(anchor)\" "
          + "fill=\"\(AffectStyle.faint)\">\(AffectStyle.name(of: quadrant))</text>")
    }
    let axis = "stroke=\"\(AffectStyle.faint)\""
    lines.append(
      "<line x1=\"\(Self.left)\" y1=\"\(Self.top + half)\" x2=\"\(right)\" y2=\"\(Self.top + half)\" \(axis)/>")
    lines.append(
      "<line x1=\"\(Self.left + half)\" y1=\"\(Self.top)\" x2=\"\(Self.left + half)\" y2=\"\(bottom)\" \(axis)/>")
    lines.append(
      "<rect x=\"\(Self.left)\" y=\"\(Self.top)\" width=\"\(Self.side)\" height=\"\(Self.side)\" fill=\"none\" \(axis)/>"
    )
    for (value, label) in [(-1.0, "\u{2212}1"), (0, "0"), (1, "+1")] {
      let place = place(of: Affect(valence: Float(value), arousal: Float(value)))
      lines.append(
        "<text x=\"\(place.x.fixed(0))\" y=\"\(bottom + 20)\" text-anchor=\"middle\" fill=\"\(AffectStyle.faint)\">\(label)</text>"
      )
      lines.append(
        "<text x=\"\(Self.left - 10)\" y=\"\((place.y + 5).fixed(0))\" text-anchor=\"end\" fill=\"\(AffectStyle.faint)\">\(label)</text>"
      )
    }
    lines.append(
      "<text x=\"\(Self.left + half)\" y=\"\(bottom + 42)\" text-anchor=\"middle\" font-weight=\"bold\">valence</text>")
    let turned = "transform=\"rotate(-90 \(Self.left - 40) \(Self.top + half))\""
    lines.append(
      "<text x=\"\(Self.left - 40)\" y=\"\(Self.top + half)\" text-anchor=\"middle\" font-weight=\"bold\" \(turned)>arousal</text>"
    )
    return lines
  }

  /// A piece of line for each two points that follow each other, and the ends.
  private var way: [String] {
    var lines: [String] = []
    let span = curve.span
    func share(_ time: Double) -> Double { (time - span.lowerBound) / (span.upperBound - span.lowerBound) }
    for stretch in curve.stretches(by: { $0.affect != nil }) where stretch.key {
      for (from, to) in zip(stretch.points, stretch.points.dropFirst()) {
        guard let start = from.affect, let end = to.affect else { continue }
        let (a, b) = (place(of: start), place(of: end))
        lines.append(
          "<line class=\"way\" x1=\"\(a.x.fixed(1))\" y1=\"\(a.y.fixed(1))\" x2=\"\(b.x.fixed(1))\" y2=\"\(b.y.fixed(1))\" "
            + "stroke=\"\(Self.color(at: share(to.time)))\" stroke-width=\"2.5\" stroke-linecap=\"round\"/>")
      }
    }
    for mark in curve.marks {
      guard let point = curve.points.first(where: { $0.time >= mark.time }), let affect = point.affect else { continue }
      let place = place(of: affect)
      lines.append(
        "<circle class=\"mark\" cx=\"\(place.x.fixed(1))\" cy=\"\(place.y.fixed(1))\" r=\"4\" fill=\"#ffffff\" "
          + "stroke=\"\(AffectStyle.text)\" stroke-width=\"1.5\"/>")
      lines.append(
        "<text x=\"\((place.x + 8).fixed(1))\" y=\"\((place.y + 4).fixed(1))\" font-size=\"12\">\(SVG.escaped(mark.label))</text>"
      )
    }
    let ends = [curve.points.first { $0.affect != nil }, curve.points.last { $0.affect != nil }]
    for (point, name) in zip(ends, ["start", "end"]) {
      guard let point, let affect = point.affect else { continue }
      let place = place(of: affect)
      lines.append(
        "<circle cx=\"\(place.x.fixed(1))\" cy=\"\(place.y.fixed(1))\" r=\"6\" fill=\"\(Self.color(at: share(point.time)))\" "
          + "stroke=\"#ffffff\" stroke-width=\"1.5\"/>")
      lines.append(
        "<text x=\"\((place.x + 10).fixed(1))\" y=\"\((place.y - 8).fixed(1))\" font-weight=\"bold\">\(name)</text>")
    }
    return lines
  }

  /// The colours of the time, from top to bottom.
  private var legend: [String] {
    let (x, steps) = (Self.left + Self.side + 30, 60)
    let height = Double(Self.side) / Double(steps)
    var lines = (0..<steps).map { step in
      "<rect x=\"\(x)\" y=\"\((Double(Self.top) + Double(step) * height).fixed(1))\" width=\"14\" height=\"\((height + 0.5).fixed(1))\" "
        + "fill=\"\(Self.color(at: (Double(step) + 0.5) / Double(steps)))\"/>"
    }
    for tick in AffectStyle.ticks(in: curve.span, limit: 8) {
      let share = (tick - curve.span.lowerBound) / (curve.span.upperBound - curve.span.lowerBound)
      let y = Double(Self.top) + share * Double(Self.side)
      lines.append(
        "<text x=\"\(x + 20)\" y=\"\((y + 4).fixed(1))\" font-size=\"12\" fill=\"\(AffectStyle.faint)\">\(AffectStyle.time(tick))</text>"
      )
    }
    return lines
  }

  private func place(of affect: Affect) -> (x: Double, y: Double) {
    (
      Double(Self.left) + Double(affect.valence + 1) / 2 * Double(Self.side),
      Double(Self.top) + Double(1 - affect.arousal) / 2 * Double(Self.side)
    )
  }

  /// From dark blue over green to yellow, ever lighter, so that it can be read without colours too: five colours of viridis
  /// (van der Walt and Smith, 2015), with straight lines between them.
  static func color(at share: Double) -> String {
    let stops: [(Double, Double, Double)] = [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (220, 200, 30)]
    let position = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(position), stops.count - 2)
    let (from, to, part) = (stops[index], stops[index + 1], position - Double(index))
    func mixed(_ a: Double, _ b: Double) -> String {
      let value = Int((a + part * (b - a)).rounded())
      return (value < 16 ? "0" : "") + String(value, radix: 16)
    }
    return "#\(mixed(from.0, to.0))\(mixed(from.1, to.1))\(mixed(from.2, to.2))"
  }
}
