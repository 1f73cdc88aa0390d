package import Affect

/// Valence and arousal over time, as they are drawn.
package struct AffectCurve: Sendable {
  package struct Point: Sendable {
    /// Seconds.
    package let time: Double
    /// Nil where there are no values.
    package let affect: Affect?
    /// Probability that both values are within 0.25 of what listeners would say; nil if it is not known.
    package let confidence: Float?
    /// dBFS.
    package let level: Float
    /// Whether the values follow the music.
    package let isLive: Bool
    /// Seconds of audio that were lost before it.
    package let gap: Double

    package init(time: Double, affect: Affect?, confidence: Float?, level: Float, isLive: Bool, gap: Double = 0) {
      (self.time, self.affect, self.confidence) = (time, affect, confidence)
      (self.level, self.isLive, self.gap) = (level, isLive, gap)
    }

    /// - Parameter time: seconds; nil for the audio's own.
    package init(_ estimate: AffectEstimate, at time: Double? = nil) {
      self.init(
        time: time ?? estimate.audioTime, affect: estimate.values?.smoothed, confidence: estimate.values?.confidence,
        level: estimate.level, isLive: estimate.values?.raw != nil && !estimate.isFrozen, gap: estimate.gap)
    }
  }

  /// A moment that has a name, such as a mark of a show, or a chapter of a file.
  package struct Mark: Sendable, Equatable {
    package let time: Double
    package let label: String

    package init(time: Double, label: String) { (self.time, self.label) = (time, label) }
  }

  package let title: String
  package var points: [Point]
  package var marks: [Mark]

  package init(title: String, points: [Point] = [], marks: [Mark] = []) {
    (self.title, self.points, self.marks) = (title, points, marks)
  }

  /// First and last time.
  var span: ClosedRange<Double> {
    let first = points.first?.time ?? 0
    return first...max(first + 1, points.last?.time ?? 0)
  }

  /// Stretches of points that are alike, one after the other; a gap ends one.
  func stretches<Key: Equatable>(by key: (Point) -> Key) -> [(key: Key, points: ArraySlice<Point>)] {
    var stretches: [(key: Key, points: ArraySlice<Point>)] = []
    var start = points.startIndex
    for index in points.indices {
      let isLast = index + 1 == points.endIndex
      if isLast || key(points[index + 1]) != key(points[start]) || points[index + 1].gap > 0 {
        stretches.append((key(points[start]), points[start...index]))
        start = index + 1
      }
    }
    return stretches
  }
}

/// How pictures of affect look: on white, for a slide or a page, in the colours of Okabe and Ito ("Color universal
/// design", 2008), which people with colour blindness tell apart.
enum AffectStyle {
  static let valence = "#d98c00"
  static let arousal = "#2f8fc4"
  static let level = "#777777"
  static let text = "#222222"
  static let faint = "#6a6a6a"
  static let grid = "#dddddd"
  static let held = "#ececec"
  static let gap = "#c9c9c9"

  static func color(of quadrant: Quadrant) -> String {
    switch quadrant.rawValue {
    case 1: "#e69f00"
    case 2: "#d55e00"
    case 3: "#0072b2"
    default: "#009e73"
    }
  }

  static func name(of quadrant: Quadrant) -> String {
    switch quadrant.rawValue {
    case 1: "excited, positive"
    case 2: "excited, negative"
    case 3: "calm, negative"
    default: "calm, positive"
    }
  }

  static func quadrant(of affect: Affect) -> Quadrant {
    Quadrant(isPositive: affect.valence >= 0, isExcited: affect.arousal >= 0)
  }

  /// A moment of a piece: `1:05`, or `1:02:03` from an hour on.
  static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return whole < 3600
      ? "\(whole / 60):\(two(whole % 60))" : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  /// Moments at whole steps, at most `limit` of them.
  static func ticks(in span: ClosedRange<Double>, limit: Int) -> [Double] {
    let steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800].map(
      Double.init)
    let length = span.upperBound - span.lowerBound
    let step = steps.first { length / $0 <= Double(limit) } ?? length
    return stride(from: (span.lowerBound / step).rounded(.up) * step, through: span.upperBound, by: step).map { $0 }
  }
}
