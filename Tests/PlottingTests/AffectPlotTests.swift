import Affect
import Foundation
import FoundationXML
import Plotting
import Testing

/// Pictures of valence and arousal over time.
@Suite struct AffectPlotTests {
  /// Ten seconds without values, then a way from calm to excited.
  private func curve(_ count: Int = 200, marks: [AffectCurve.Mark] = []) -> AffectCurve {
    let points = (0..<count).map { index in
      let share = Float(index) / Float(count)
      return AffectCurve.Point(
        time: Double(index + 1) / 2,
        affect: index < 20 ? nil : Affect(valence: 0.5 - share, arousal: share - 0.4),
        confidence: index < 20 ? nil : 0.7,
        level: -20 - 10 * share, isLive: index >= 20 && !(100..<120).contains(index), gap: index == 60 ? 3 : 0)
    }
    return AffectCurve(title: "a <show> & \"more\"\u{1}", points: points, marks: marks)
  }

  /// The elements of an SVG file, which is read as XML.
  private final class Elements: NSObject, XMLParserDelegate {
    var found: [(name: String, attributes: [String: String])] = []
    var text = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) { found.append((name, attributes)) }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string + "\n" }
  }

  private func elements(_ svg: String) throws -> Elements {
    let parser = XMLParser(data: Data(svg.utf8))
    let elements = Elements()
    parser.delegate = elements
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return elements
  }

  private func points(_ attributes: [String: String]) -> [(x: Double, y: Double)] {
    (attributes["points"] ?? "").split(separator: " ").compactMap { pair in
      let numbers = pair.split(separator: ",").compactMap { Double($0) }
      return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
  }

  @Test func everyTickWithValuesIsAPoint() throws {
    let elements = try elements(AffectCurvePlot(curve()).svg)
    for name in ["valence", "arousal"] {
      let lines = elements.found.filter { $0.name == "polyline" && $0.attributes["class"] == name }
      let all = lines.flatMap { points($0.attributes) }
      #expect(all.count == 180)
      // From left to right, and within the picture.
      #expect(zip(all, all.dropFirst()).allSatisfy { $0.x < $1.x } && all.allSatisfy { (70...980).contains($0.x) })
      // Where the values are held the line is dashed, and a gap breaks it.
      #expect(lines.count == 4 && lines.count { $0.attributes["stroke-dasharray"] != nil } == 1)
    }
    let level = try #require(elements.found.first { $0.attributes["class"] == "level" })
    #expect(points(level.attributes).count == 202)
  }

  @Test func theCurvesGoWhereTheValuesGo() throws {
    let elements = try elements(AffectCurvePlot(curve()).svg)
    func ends(_ name: String) -> (first: Double, last: Double) {
      let all = elements.found.filter { $0.name == "polyline" && $0.attributes["class"] == name }
        .flatMap { points($0.attributes) }
      return (all.first?.y ?? 0, all.last?.y ?? 0)
    }
    // Downwards is greater.
    #expect(ends("valence").last > ends("valence").first && ends("arousal").last < ends("arousal").first)
  }

  @Test func marksAreNamedAndTextsAreHarmless() throws {
    let marks = [
      AffectCurve.Mark(time: 30, label: "solo <b>"), .init(time: 31, label: "\u{0}drop"),
      .init(time: 999, label: "never"),
    ]
    let elements = try elements(AffectCurvePlot(curve(marks: marks)).svg)
    #expect(elements.found.count { $0.attributes["class"] == "mark" } == 2)
    #expect(elements.text.contains("solo") && elements.text.contains("drop") && !elements.text.contains("never"))
    #expect(!elements.found.contains { $0.name == "b" || $0.name == "script" })
    let plane = try self.elements(AffectPlanePlot(curve(marks: marks)).svg)
    #expect(plane.found.count { $0.attributes["class"] == "mark" } == 2)
  }

  @Test func theBandIsWhatTheConfidenceMeans() {
    // erf(0.25 / (√2 · 0.25))² = 0.466: a deviation of 0.25.
    #expect(abs(AffectCurvePlot.deviation(0.466065) - 0.25) < 1e-4)
    for (confidence, wider) in zip([Float(0.9), 0.7, 0.5, 0.2], [Float(0.7), 0.5, 0.2, 0.01]) {
      #expect(AffectCurvePlot.deviation(confidence) < AffectCurvePlot.deviation(wider))
    }
    for confidence: Float in [0, 1] { #expect(AffectCurvePlot.deviation(confidence).isFinite) }
  }

  @Test func theWayHasAPieceForEachStep() throws {
    let elements = try elements(AffectPlanePlot(curve()).svg)
    let way = elements.found.filter { $0.attributes["class"] == "way" }
    // 180 points, broken by one gap.
    #expect(way.count == 178)
    // Coloured by time.
    #expect(way.first?.attributes["stroke"] != way.last?.attributes["stroke"])
    #expect(elements.text.contains("start") && elements.text.contains("end"))
  }

  @Test(arguments: [0, 1, 2, 20, 21, 25]) func fewTicksAreAPictureToo(_ count: Int) throws {
    _ = try elements(AffectCurvePlot(curve(count)).svg)
    _ = try elements(AffectPlanePlot(curve(count)).svg)
  }

  @Test func anEvaluationShowsEveryPairAndEveryMistake() throws {
    let signs: [(Float, Float)] = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    let corners = signs.map { Affect(valence: 0.5 * $0.0, arousal: 0.5 * $0.1) }
    // Three of four are right; calm and positive is taken for excited and positive.
    let pairs = (0..<40).map { index -> (label: Affect, prediction: Affect) in
      let corner = index % 4
      return (corners[corner], corners[corner == 3 ? 0 : corner])
    }
    let plot = EvaluationPlot(
      title: "m on <deam>", pairs: pairs,
      bins: [.init(confidence: 0.5, observed: 0.4), .init(confidence: 0.75, observed: 0.8)],
      captions: ("r 0.5", "r 0.6"))
    let elements = try elements(plot.svg)
    for name in ["valence", "arousal"] { #expect(elements.found.count { $0.attributes["class"] == name } == 40) }
    #expect(elements.found.count { $0.attributes["class"] == "bin" } == 2)
    let cells = elements.found.filter { $0.attributes["class"] == "confusion" }
    let strong = cells.indices.filter { cells[$0].attributes["fill-opacity"] == "0.90" }
    #expect(cells.count == 16 && strong == [0, 5, 10, 12])
    #expect(elements.text.contains("r 0.5") && elements.text.contains("deam"))
    let plain = EvaluationPlot(title: "", pairs: [], bins: [], captions: ("", ""))
    #expect(try self.elements(plain.svg).text.contains("the model has none"))
  }
}
