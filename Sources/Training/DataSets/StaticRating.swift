internal import Affect
internal import Platform

/// What listeners said of a song as a whole, on the table's own scale.
struct StaticRating: Sendable, Equatable {
  let valence: Double
  let arousal: Double

  var exchanged: StaticRating { StaticRating(valence: arousal, arousal: valence) }
}

/// The ratings of one file.
struct StaticRatings {
  /// Name of the file.
  let source: String
  var ratings: [String: StaticRating]

  /// - Parameter scale: the range of the values.
  /// - Throws: ``Failure`` if a column is missing.
  init(_ table: CSVTable, scale: ClosedRange<Double>, notes: inout [DataSetNote]) throws(Failure) {
    let identifier = try table.index(ofColumn: "song_id", "musicId", "id")
    let valence = try table.index(ofColumn: "valence_mean", "Valence(mean)", "valence")
    let arousal = try table.index(ofColumn: "arousal_mean", "Arousal(mean)", "arousal")
    table.reportRaggedRows(identifier: identifier, notes: &notes)
    source = table.name
    ratings = [:]
    for row in table.firstRows(of: table.rows, identifier: identifier, notes: &notes) {
      let values = [valence, arousal].map { Double(row[$0]).flatMap { scale.contains($0) ? $0 : nil } }
      if let valence = values[0], let arousal = values[1] {
        ratings[row[identifier]] = StaticRating(valence: valence, arousal: arousal)
      } else {
        let problems = zip(["valence", "arousal"], zip([valence, arousal], values)).compactMap { name, field in
          field.1 == nil ? "\(name) is '\(row[field.0].prefix(20))'" : nil
        }
        notes.append(
          DataSetNote(
            song: row[identifier],
            message: "\(table.name), line \(row.line): \(problems.joined(separator: " and ")), expected a number from "
              + "\(scale.lowerBound) to \(scale.upperBound); the static label is left out"))
      }
    }
  }
}

/// Brings static ratings, 1...9, onto the scale of the labels over time, -1...1, by a straight line for each dimension.
///
/// The ends do not meet: who rates a whole song uses more of the scale than the mean over its moments does.
struct StaticLabelScale: Equatable {
  struct Line: Equatable {
    let slope: Double
    let intercept: Double
  }

  let valence: Line
  let arousal: Line

  /// Fitted to the songs of DEAM with both kinds of label (r 0.95 and 0.96).
  static let deam = StaticLabelScale(
    valence: Line(slope: 0.184, intercept: -0.879), arousal: Line(slope: 0.204, intercept: -0.946))

  /// The fewest songs with both kinds of label to which lines are fitted.
  static let minimumCount = 20

  /// The lines that fit best, in the sense of least squares.
  ///
  /// - Parameter songs: the ratings of songs with the means of their labels over time.
  /// - Returns: nil if there are too few songs, or if the labels do not rise with the ratings.
  static func fit(_ songs: [(rating: StaticRating, mean: Affect)]) -> StaticLabelScale? {
    guard songs.count >= minimumCount else { return nil }
    let valence = LeastSquaresLine(songs.map { ($0.rating.valence, Double($0.mean.valence)) })
    let arousal = LeastSquaresLine(songs.map { ($0.rating.arousal, Double($0.mean.arousal)) })
    guard valence.slope > 0, arousal.slope > 0 else { return nil }
    return StaticLabelScale(
      valence: Line(slope: valence.slope, intercept: valence.intercept),
      arousal: Line(slope: arousal.slope, intercept: arousal.intercept))
  }

  func affect(of rating: StaticRating) -> Affect {
    Affect(
      valence: Float(valence.slope * rating.valence + valence.intercept),
      arousal: Float(arousal.slope * rating.arousal + arousal.intercept))
  }

  /// The two lines as formulas in s, the rating.
  var formulas: String {
    [("valence", valence), ("arousal", arousal)].map { name, line in
      let (slope, offset) = (NumberText.fixed(line.slope, 3), NumberText.fixed(line.intercept.magnitude, 3))
      return "\(name) \(slope) s \(line.intercept < 0 ? "-" : "+") \(offset)"
    }.joined(separator: ", ")
  }
}
