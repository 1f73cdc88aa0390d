internal import Affect
internal import Glibc

/// Valence and arousal over time, one above the other, with the band in which they are expected, and the level under
/// them: a self-contained SVG file without scripts.
///
/// The band is one standard deviation either way. The confidence c is the probability that both values are within 0.25;
/// for two independent normal errors of one size that means a standard deviation of 0.25 / (√2 erf⁻¹(√c)).
package struct AffectCurvePlot {
  private let curve: AffectCurve
  private let span: ClosedRange<Double>

  package init(_ curve: AffectCurve) {
    self.curve = curve
    span = curve.span
  }

  // Lengths are in pixels.
  private static let width = 1000
  private static let (left, right) = (76, 976)
  private static let (top, curveHeight, levelHeight, pitch) = (84, 170, 70, 34)
  /// Height of the strip with the quadrants.
  private static let strip = 10

  /// Rows from top to bottom: valence, arousal, the strip of quadrants, level.
  private enum Row {
    static let valence = top..<top + curveHeight
    static let arousal = valence.upperBound + pitch..<valence.upperBound + pitch + curveHeight
    static let quadrants = arousal.upperBound + 14..<arousal.upperBound + 14 + strip
    static let level = quadrants.upperBound + pitch..<quadrants.upperBound + pitch + levelHeight
  }

  private static let height = Row.level.upperBound + 64

  /// The whole file, XML 1.0 in UTF-8.
  package var svg: String {
    var lines = SVG.head(curve.title, width: Self.width, height: Self.height, left: Self.left)
    lines += shades + grid
    lines += curves("valence", Row.valence, AffectStyle.valence) { $0.valence }
    lines += curves("arousal", Row.arousal, AffectStyle.arousal) { $0.arousal }
    lines += quadrants + level + marks + axis
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  // MARK: - Parts

  /// Where the values are held, and where audio was lost, over all rows.
  private var shades: [String] {
    let (top, bottom) = (Row.valence.lowerBound, Row.level.upperBound)
    var lines: [String] = []
    for stretch in curve.stretches(by: \.isLive)
    where !stretch.key && stretch.points.contains(where: { $0.affect != nil }) {
      guard let first = stretch.points.first, let last = stretch.points.last else { continue }
      lines.append(rectangle(first.time - step, last.time, top, bottom, AffectStyle.held))
    }
    for point in curve.points where point.gap > 0 {
      lines.append(rectangle(point.time - point.gap, point.time, top, bottom, AffectStyle.gap))
    }
    return lines
  }

  /// Seconds from one point to the next, as a rule.
  private var step: Double {
    guard curve.points.count > 1 else { return 0 }
    return curve.points[1].time - curve.points[0].time
  }

  private var grid: [String] {
    var lines: [String] = []
    for row in [Row.valence, Row.arousal] {
      for value in [-1, -0.5, 0, 0.5, 1] {
        let height = y(Float(value), row)
        let width = value == 0 ? "1.5" : "0.75"
        lines.append(SVG.line(Self.left, height, Self.right, height, AffectStyle.grid, width: width))
        if value.rounded() == value {
          let sign = value > 0 ? "+" : value < 0 ? "\u{2212}" : ""
          lines.append(
            SVG.text(
              "\(sign)\(Int(value.magnitude))", x: Self.left - 10, y: height + 4, size: 11, anchor: "end",
              color: AffectStyle.faint))
        }
      }
    }
    return lines
  }

  /// One dimension: the band, then the curve, dashed where the values are held.
  private func curves(
    _ name: String, _ row: Range<Int>, _ color: String, _ value: (Affect) -> Float
  ) -> [String] {
    var lines = [SVG.text(name, x: Self.left, y: row.lowerBound - 8, color: color, isBold: true)]
    let ends = name == "valence" ? ("positive", "negative") : ("excited", "calm")
    lines.append(
      SVG.text(ends.0, x: Self.left - 10, y: row.lowerBound + 22, size: 10, anchor: "end", color: AffectStyle.faint))
    lines.append(
      SVG.text(ends.1, x: Self.left - 10, y: row.upperBound - 14, size: 10, anchor: "end", color: AffectStyle.faint))
    for stretch in curve.stretches(by: { $0.confidence != nil && $0.affect != nil }) where stretch.key {
      let points = stretch.points.compactMap { point -> (x: Double, low: Int, high: Int)? in
        guard let affect = point.affect, let confidence = point.confidence else { return nil }
        let deviation = Self.deviation(confidence)
        return (x(point.time), y(value(affect) - deviation, row), y(value(affect) + deviation, row))
      }
      let upper = points.map { "\($0.x.fixed(1)),\($0.high)" }
      let lower = points.reversed().map { "\($0.x.fixed(1)),\($0.low)" }
      let path = (upper + lower).joined(separator: " ")
      lines.append("<polygon class=\"band\" points=\"\(path)\" fill=\"\(color)\" fill-opacity=\"0.18\"/>")
    }
    for stretch in curve.stretches(by: { $0.affect == nil ? 0 : $0.isLive ? 1 : 2 }) where stretch.key > 0 {
      let path = stretch.points.compactMap { point in
        point.affect.map { "\(x(point.time).fixed(1)),\(y(value($0), row, digits: 1))" }
      }
      let dashes = stretch.key == 2 ? " stroke-dasharray=\"5 4\"" : ""
      lines.append(
        "<polyline class=\"\(name)\" points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\" "
          + "stroke-width=\"2\" stroke-linejoin=\"round\"\(dashes)/>")
    }
    return lines
  }

  /// A strip that says in which quadrant the values are, and what its colours mean.
  private var quadrants: [String] {
    var lines: [String] = []
    for stretch in curve.stretches(by: { $0.affect.map(AffectStyle.quadrant) }) {
      guard let quadrant = stretch.key, let first = stretch.points.first, let last = stretch.points.last else {
        continue
      }
      let color = AffectStyle.color(of: quadrant)
      lines.append(
        rectangle(first.time - step, last.time, Row.quadrants.lowerBound, Row.quadrants.upperBound, color))
    }
    var place = Self.right
    for quadrant in [4, 3, 2, 1].compactMap(Quadrant.init) {
      let name = AffectStyle.name(of: quadrant)
      place -= 7 * name.count
      lines.append(SVG.text(name, x: place, y: 56, size: 12, color: AffectStyle.faint))
      place -= 16
      lines.append(
        "<rect x=\"\(place)\" y=\"46\" width=\"11\" height=\"11\" fill=\"\(AffectStyle.color(of: quadrant))\"/>")
      place -= 14
    }
    return lines
  }

  /// The level, filled from the bottom.
  private var level: [String] {
    let row = Row.level
    var lines = [SVG.text("level", x: Self.left, y: row.lowerBound - 8, color: AffectStyle.level, isBold: true)]
    for value in [-60, -30, 0] {
      let height = levelY(Float(value))
      lines.append(SVG.line(Self.left, height, Self.right, height, AffectStyle.grid, width: "0.75"))
      lines.append(
        SVG.text(
          "\(value == 0 ? "0" : "\u{2212}\(-value)") dBFS", x: Self.left - 10, y: height + 4, size: 10, anchor: "end",
          color: AffectStyle.faint))
    }
    guard let first = curve.points.first, let last = curve.points.last else { return lines }
    let tops = curve.points.map { "\(x($0.time).fixed(1)),\(levelY($0.level))" }
    let path = (["\(x(first.time).fixed(1)),\(row.upperBound)"] + tops + ["\(x(last.time).fixed(1)),\(row.upperBound)"])
      .joined(separator: " ")
    lines.append("<polygon class=\"level\" points=\"\(path)\" fill=\"\(AffectStyle.level)\" fill-opacity=\"0.45\"/>")
    return lines
  }

  private var marks: [String] {
    // Labels that would lie over the one before stand lower.
    var last = -Double.infinity
    var depth = 0
    return curve.marks.filter { span.contains($0.time) }.sorted { $0.time < $1.time }.flatMap { mark in
      let place = x(mark.time)
      depth = place - last < Double(7 * mark.label.count + 12) ? (depth + 1) % 4 : 0
      last = place
      let height = Row.valence.lowerBound + 14 + 15 * depth
      let isRight = place > Double(Self.right - 8 * mark.label.count)
      return [
        "<line class=\"mark\" x1=\"\(place.fixed(1))\" y1=\"\(Row.valence.lowerBound)\" x2=\"\(place.fixed(1))\" "
          + "y2=\"\(Row.level.upperBound)\" stroke=\"\(AffectStyle.text)\" stroke-dasharray=\"3 3\"/>",
        SVG.text(
          mark.label, x: Int(place) + (isRight ? -5 : 5), y: height, size: 12, anchor: isRight ? "end" : "start"),
      ]
    }
  }

  private var axis: [String] {
    let bottom = Row.level.upperBound
    var lines = [SVG.line(Self.left, bottom, Self.right, bottom, AffectStyle.faint, width: "1")]
    for tick in AffectStyle.ticks(in: span, limit: 10) {
      let place = Int(x(tick).rounded())
      lines.append(SVG.line(place, bottom, place, bottom + 5, AffectStyle.faint, width: "1"))
      lines.append(
        SVG.text(AffectStyle.time(tick), x: place, y: bottom + 20, size: 12, anchor: "middle", color: AffectStyle.faint)
      )
    }
    let unit = span.upperBound < 3600 ? "time, minutes and seconds" : "time, hours, minutes and seconds"
    return lines + [
      SVG.text(unit, x: (Self.left + Self.right) / 2, y: bottom + 42, anchor: "middle", color: AffectStyle.faint)
    ]
  }

  // MARK: - Places

  private func x(_ time: Double) -> Double {
    let share = (time - span.lowerBound) / (span.upperBound - span.lowerBound)
    return Double(Self.left) + min(max(share, 0), 1) * Double(Self.right - Self.left)
  }

  private func y(_ value: Float, _ row: Range<Int>) -> Int {
    Int((Double(row.upperBound) - Double(min(max(value, -1), 1) + 1) / 2 * Double(row.count)).rounded())
  }

  private func y(_ value: Float, _ row: Range<Int>, digits: Int) -> String {
    (Double(row.upperBound) - Double(min(max(value, -1), 1) + 1) / 2 * Double(row.count)).fixed(digits)
  }

  private func levelY(_ level: Float) -> Int {
    let share = Double(min(max(level, -60), 0) + 60) / 60
    return Int((Double(Row.level.upperBound) - share * Double(Row.level.count)).rounded())
  }

  /// Half the width of the band.
  package static func deviation(_ confidence: Float) -> Float {
    let each = min(max(Double(confidence), 1e-4), 1 - 1e-4).squareRoot()
    // erf⁻¹ by bisection: 0.25 / (√2 σ) lies between 0 and 4.
    var (low, high) = (0.0, 4.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if erf(middle) < each { low = middle } else { high = middle }
    }
    return Float(0.25 / (2.0.squareRoot() * low))
  }

  // MARK: - Elements

  private func rectangle(_ from: Double, _ to: Double, _ top: Int, _ bottom: Int, _ color: String) -> String {
    let (start, end) = (x(from), x(to))
    return
      "<rect x=\"\(start.fixed(1))\" y=\"\(top)\" width=\"\(max(0.5, end - start).fixed(1))\" height=\"\(bottom - top)\" "
      + "fill=\"\(color)\"/>"
  }
}
