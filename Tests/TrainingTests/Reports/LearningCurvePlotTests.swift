// Foundation as a whole: its XML parser decides what is well-formed, and needs the classes of Foundation.
import Foundation
import FoundationXML
import Testing
import Training

@Suite struct LearningCurvePlotTests {
  private func drawing(_ curve: LearningCurve, title: String = "title") throws -> Drawing {
    try #require(Drawing(curve.svg(title: title)))
  }

  private func curve(_ epochs: Int) -> LearningCurve {
    LearningCurve(
      (1...epochs).map { epoch in
        .init(epoch: epoch, trainingLoss: 1 / Double(epoch), validationLoss: 0.3 + 1 / Double(epoch))
      })
  }

  @Test(arguments: [1, 2, 7, 1000])
  func thePictureIsValidForAnyNumberOfEpochs(epochs: Int) throws {
    let drawing = try drawing(curve(epochs))
    #expect(drawing.count("svg") == 1 && drawing.count("script") == 0)
    #expect(drawing.count("polyline") == (epochs > 1 ? 2 : 0))
    #expect(drawing.polylines.allSatisfy { $0.count == epochs })
    #expect(drawing.count("circle") == (epochs > 60 ? 2 : 2 * epochs))
    #expect(drawing.texts.contains("best: epoch \(epochs)"))
    #expect(drawing.areAllPointsInside)
  }

  @Test func curvesRunAsTheValuesDo() throws {
    let curve = LearningCurve(
      [(1, 0.9), (2, 0.5), (3, 0.7)].map { .init(epoch: $0, trainingLoss: $1) })
    let points = try #require(try drawing(curve).polylines.first)
    #expect(points[0].x < points[1].x && abs(points[1].x * 2 - points[0].x - points[2].x) < 0.3)
    // Downwards is greater in SVG; 0.7 lies halfway.
    #expect(points[0].y < points[2].y && points[2].y < points[1].y)
    #expect(abs(points[2].y * 2 - points[0].y - points[1].y) < 0.3)
  }

  @Test func ticksAreRoundNumbers() throws {
    let curve = LearningCurve(
      [(1, 0.13), (20, 0.57)].map { .init(epoch: $0, trainingLoss: $1) })
    let texts = try drawing(curve).texts
    for label in ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "2", "10", "20"] { #expect(texts.contains(label)) }
    #expect(!texts.contains("0.13") && !texts.contains("0.7"))
  }

  @Test func correlationsHaveAPanelOfTheirOwn() throws {
    let entries = (1...4).map { epoch in
      LearningCurve.Entry(
        epoch: epoch, trainingLoss: 1, validationLoss: 1, validationCorrelation: (0.1 * Double(epoch), 0.8))
    }
    let with = try drawing(LearningCurve(entries))
    #expect(with.polylines.count == 4)
    #expect(with.texts.contains { $0.contains("Correlation") })
    for name in ["training", "validation", "valence", "arousal"] { #expect(with.texts.contains(name)) }
    let without = try drawing(curve(4))
    #expect(!without.texts.contains { $0.contains("Correlation") || $0 == "valence" })
    #expect(with.areAllPointsInside)
  }

  @Test func valuesThatAreNotFiniteAreLeftOut() throws {
    let losses: [(Double, Double?)] = [(1, 2), (.nan, 1.5), (0.8, .infinity), (-.infinity, -.infinity), (0.7, 1.6)]
    let entries = losses.enumerated().map { index, losses in
      LearningCurve.Entry(
        epoch: index + 1, trainingLoss: losses.0, validationLoss: losses.1, validationCorrelation: (.nan, .nan))
    }
    let curve = LearningCurve(entries)
    #expect(curve.bestEpoch == 2)
    let drawing = try drawing(curve)
    #expect(drawing.polylines.map(\.count) == [3, 3])
    #expect(drawing.areAllPointsInside)
    let source = curve.svg(title: "").lowercased()
    #expect(!source.contains("nan") && !source.contains("inf"))
    #expect(!drawing.texts.contains { $0.contains("Correlation") })
  }

  @Test(arguments: [
    [0.25, 0.25, 0.25], [0, 0, 0], [-3, -1, -2], [1e-9, 2e-9, 3e-9], [1e12, 5e12, 3e12], [1e300, 1, 2],
    [1, 1.0000000000000002, 1], [-1e100, 0, 1e100],
  ])
  func anyLossesCanBeDrawn(losses: [Double]) throws {
    let curve = LearningCurve(losses.enumerated().map { .init(epoch: $0 + 1, trainingLoss: $1) })
    let drawing = try drawing(curve)
    #expect(drawing.areAllPointsInside)
    #expect(try #require(drawing.polylines.first).count >= 2)
    #expect(drawing.count("text") < 30)
  }

  @Test func theBestEpochIsThatOfTheLeastValidationLossUnlessGiven() throws {
    let entries = [(1, 0.5), (2, 0.3), (3, 0.4)].map { epoch, loss in
      LearningCurve.Entry(epoch: epoch, trainingLoss: 1, validationLoss: loss)
    }
    #expect(LearningCurve(entries).bestEpoch == 2)
    let given = LearningCurve(entries.reversed(), bestEpoch: 3)
    #expect(given.bestEpoch == 3 && given.entries.map(\.epoch) == [1, 2, 3])
    #expect(try drawing(given).texts.contains("best: epoch 3"))
    let none = LearningCurve([.init(epoch: 1, trainingLoss: 1)])
    #expect(none.bestEpoch == nil)
    #expect(try !drawing(none).texts.contains { $0.hasPrefix("best") })
  }

  @Test func aCurveWithoutEpochsSaysSo() throws {
    #expect(try drawing(LearningCurve([])).texts.contains { $0.contains("No epochs") })
  }

  @Test func titlesAreEscaped() throws {
    let title = "R&B <mlp> \"a\" 'b' ]]> ü 😀"
    #expect(try drawing(curve(3), title: title).texts.contains(title))
    // What XML does not allow at all gets replaced.
    #expect(try drawing(curve(3), title: "a\u{0}b\u{1B}c\u{FFFE}").texts.contains("a\u{FFFD}b\u{FFFD}c\u{FFFD}"))
  }

  @Test func thePictureSuitsDarkSurroundingsAndLoadsNothing() {
    let source = curve(3).svg(title: "title")
    #expect(source.contains("prefers-color-scheme: dark"))
    #expect(!source.contains("href") && !source.contains("url(") && !source.contains("@import"))
  }
}

/// What an SVG file draws; nil if it is not well-formed.
private final class Drawing: NSObject, XMLParserDelegate {
  private(set) var texts: [String] = []
  private(set) var polylines: [[(x: Double, y: Double)]] = []
  private var circles: [(x: Double, y: Double)] = []
  private var counts: [String: Int] = [:]
  private var isInText = false
  private var size = (width: 0.0, height: 0.0)

  init?(_ source: String) {
    super.init()
    let parser = XMLParser(data: Data(source.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func count(_ element: String) -> Int { counts[element] ?? 0 }

  /// Whether nothing of the curves lies outside the picture.
  var areAllPointsInside: Bool {
    (polylines.flatMap { $0 } + circles).allSatisfy {
      (0...size.width).contains($0.x) && (0...size.height).contains($0.y)
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    func number(_ name: String) -> Double { attributes[name].flatMap(Double.init) ?? .nan }
    counts[elementName, default: 0] += 1
    switch elementName {
    case "svg": size = (number("width"), number("height"))
    case "text":
      texts.append("")
      isInText = true
    case "circle": circles.append((number("cx"), number("cy")))
    case "polyline":
      polylines.append(
        (attributes["points"] ?? "").split(separator: " ").map { point in
          let numbers = point.split(separator: ",").map { Double($0) ?? .nan }
          return numbers.count == 2 ? (numbers[0], numbers[1]) : (.nan, .nan)
        })
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    guard isInText else { return }
    texts[texts.count - 1] += string
  }

  func parser(
    _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if elementName == "text" { isInText = false }
  }
}
