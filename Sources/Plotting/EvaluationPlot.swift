package import Affect

/// How right a model is: labels against predictions, confidence against what was observed, and the quadrants that are
/// taken for one another: a self-contained SVG file without scripts.
package struct EvaluationPlot {
  /// A group of like confidence.
  package struct Bin {
    let confidence: Double
    let observed: Double

    package init(confidence: Double, observed: Double) { (self.confidence, self.observed) = (confidence, observed) }
  }

  private let title: String
  private let pairs: [(label: Affect, prediction: Affect)]
  private let bins: [Bin]
  private let captions: (valence: String, arousal: String)

  /// - Parameters:
  ///   - pairs: what listeners say beside what the model says.
  ///   - bins: empty for a model without a confidence.
  ///   - captions: what is said of the two dimensions, such as their correlation.
  package init(
    title: String, pairs: [(label: Affect, prediction: Affect)], bins: [Bin],
    captions: (valence: String, arousal: String)
  ) {
    (self.title, self.pairs, self.bins, self.captions) = (title, pairs, bins, captions)
  }

  // Lengths are in pixels. Four panels, two beside two.
  private static let side = 340
  private static let columns = [80, 540]
  private static let rows = [84, 524]
  private static let (width, height) = (920, 920)

  /// The whole file, XML 1.0 in UTF-8.
  package var svg: String {
    var lines = SVG.head(title, width: Self.width, height: Self.height, left: Self.columns[0])
    lines += scatter("valence", captions.valence, Self.columns[0], Self.rows[0], AffectStyle.valence) { $0.valence }
    lines += scatter("arousal", captions.arousal, Self.columns[1], Self.rows[0], AffectStyle.arousal) { $0.arousal }
    lines += reliability(Self.columns[0], Self.rows[1])
    lines += confusion(Self.columns[1], Self.rows[1])
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  // MARK: - Panels

  private func scatter(
    _ name: String, _ caption: String, _ left: Int, _ top: Int, _ color: String, _ value: (Affect) -> Float
  ) -> [String] {
    var lines = frame(left, top, name, "listeners", "model", labels: ["\u{2212}1", "0", "+1"])
    lines.append(SVG.text(caption, x: left + Self.side, y: top - 10, anchor: "end", color: AffectStyle.faint))
    // Where points lie over each other, it is darker.
    let opacity = pairs.count > 2000 ? "0.15" : "0.35"
    for pair in pairs {
      let x = Double(left) + Double(value(pair.label) + 1) / 2 * Double(Self.side)
      let y = Double(top) + Double(1 - value(pair.prediction)) / 2 * Double(Self.side)
      lines.append(
        "<circle class=\"\(name)\" cx=\"\(x.fixed(1))\" cy=\"\(y.fixed(1))\" r=\"2\" fill=\"\(color)\" "
          + "fill-opacity=\"\(opacity)\"/>")
    }
    return lines
  }

  private func reliability(_ left: Int, _ top: Int) -> [String] {
    var lines = frame(left, top, "confidence", "confidence", "share within 0.25", labels: ["0", "0.5", "1"])
    guard !bins.isEmpty else {
      return lines + [
        SVG.text("the model has none", x: left + Self.side / 2, y: top + 30, anchor: "middle", color: AffectStyle.faint)
      ]
    }
    let places = bins.map { bin in
      (
        x: (Double(left) + bin.confidence * Double(Self.side)).fixed(1),
        y: (Double(top) + (1 - bin.observed) * Double(Self.side)).fixed(1)
      )
    }
    let path = places.map { "\($0.x),\($0.y)" }.joined(separator: " ")
    lines.append("<polyline points=\"\(path)\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.5\"/>")
    for place in places {
      lines.append("<circle class=\"bin\" cx=\"\(place.x)\" cy=\"\(place.y)\" r=\"4\" fill=\"#0072b2\"/>")
    }
    return lines
  }

  /// Rows are what listeners say, columns what the model says; each row adds up to 100 %.
  private func confusion(_ left: Int, _ top: Int) -> [String] {
    let cell = Self.side / 4
    var lines = [
      SVG.text("quadrants", x: left, y: top - 10, isBold: true),
      SVG.text("model", x: left + Self.side / 2, y: top + Self.side + 44, anchor: "middle", color: AffectStyle.faint),
      turned("listeners", left - 62, top + Self.side / 2),
    ]
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 4), count: 4)
    for pair in pairs {
      let (row, column) = (AffectStyle.quadrant(of: pair.label), AffectStyle.quadrant(of: pair.prediction))
      counts[row.rawValue - 1][column.rawValue - 1] += 1
    }
    let names = ["exc. +", "exc. \u{2212}", "calm \u{2212}", "calm +"]
    for row in 0..<4 {
      let total = counts[row].reduce(0, +)
      lines.append(
        SVG.text(
          names[row], x: left - 6, y: top + row * cell + cell / 2 + 4, size: 11, anchor: "end", color: AffectStyle.faint
        ))
      lines.append(
        SVG.text(
          names[row], x: left + row * cell + cell / 2, y: top + Self.side + 20, size: 11, anchor: "middle",
          color: AffectStyle.faint))
      for column in 0..<4 {
        let share = total > 0 ? Double(counts[row][column]) / Double(total) : 0
        let (x, y) = (left + column * cell, top + row * cell)
        lines.append(
          "<rect class=\"confusion\" x=\"\(x)\" y=\"\(y)\" width=\"\(cell - 2)\" height=\"\(cell - 2)\" "
            + "fill=\"\(row == column ? "#009e73" : "#d55e00")\" fill-opacity=\"\((0.06 + 0.84 * share).fixed(2))\"/>")
        let color = share > 0.6 ? "#ffffff" : AffectStyle.text
        lines.append(
          SVG.text(
            "\(Int((100 * share).rounded())) %", x: x + cell / 2, y: y + cell / 2, anchor: "middle", color: color))
        lines.append(
          SVG.text(
            "\(counts[row][column])", x: x + cell / 2, y: y + cell / 2 + 17, size: 11, anchor: "middle", color: color))
      }
    }
    return lines
  }

  /// A square with a line from corner to corner, on which everything should lie.
  private func frame(
    _ left: Int, _ top: Int, _ name: String, _ xTitle: String, _ yTitle: String, labels: [String]
  ) -> [String] {
    let (right, bottom) = (left + Self.side, top + Self.side)
    var lines = [
      "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(Self.side)\" height=\"\(Self.side)\" fill=\"none\" "
        + "stroke=\"\(AffectStyle.faint)\"/>",
      SVG.line(left, bottom, right, top, AffectStyle.faint, width: "0.75"),
      SVG.text(name, x: left, y: top - 10, isBold: true),
      SVG.text(xTitle, x: (left + right) / 2, y: bottom + 44, anchor: "middle", color: AffectStyle.faint),
      turned(yTitle, left - 46, (top + bottom) / 2),
    ]
    for (index, label) in labels.enumerated() {
      let place = index * Self.side / 2
      lines.append(
        SVG.text(label, x: left + place, y: bottom + 20, size: 11, anchor: "middle", color: AffectStyle.faint))
      lines.append(
        SVG.text(label, x: left - 8, y: bottom - place + 4, size: 11, anchor: "end", color: AffectStyle.faint))
      if index == 1 {
        lines.append(SVG.line(left, bottom - place, right, bottom - place, AffectStyle.grid, width: "0.75"))
        lines.append(SVG.line(left + place, top, left + place, bottom, AffectStyle.grid, width: "0.75"))
      }
    }
    return lines
  }

  private func turned(_ text: String, _ x: Int, _ y: Int) -> String {
    "<g transform=\"rotate(-90 \(x) \(y))\">\(SVG.text(text, x: x, y: y, anchor: "middle", color: AffectStyle.faint))</g>"
  }
}
