import Affect
import CommandLineSupport
import FoundationEssentials
import Platform
import Training

/// What `evaluate` says of a model.
struct EvaluationReport {
  /// Of songs with labels over time, or else of those with one label.
  private let rows: [ScoreTable.Row]
  private let staticRow: ScoreTable.Row?
  /// Of songs of which the quadrant alone is known; nil if there are none.
  private let quadrants: (model: String, scores: QuadrantScores)?
  private let reliability: Reliability?
  private let tellsQuadrants: Bool

  /// - Throws: ``Failure`` if no song was scored.
  init(_ scored: ScoredModel) throws {
    guard !scored.songs.isEmpty || !scored.staticSongs.isEmpty || !scored.quadrantSongs.isEmpty else {
      throw Failure(.invalidData, "no song could be scored: the notes above say why")
    }
    tellsQuadrants = scored.tellsQuadrants
    var rows: [ScoreTable.Row] = []
    if !scored.songs.isEmpty {
      rows.append(ScoreTable.Row(scored.name, scored.songs))
      rows.append(ScoreTable.Row("before smoothing", scored.unsmoothedSongs))
      rows.append(contentsOf: Self.baselines(of: scored.songs))
    }
    self.rows = rows
    staticRow = scored.staticSongs.isEmpty ? nil : ScoreTable.Row("\(scored.name), static labels", scored.staticSongs)
    if scored.quadrantSongs.isEmpty {
      quadrants = nil
    } else {
      // The same songs always give the same intervals.
      var generator = SeededGenerator(seed: 1)
      quadrants = (scored.name, QuadrantScores(scored.quadrantSongs, using: &generator))
    }
    let judged = scored.songs.isEmpty ? scored.staticSongs : scored.songs
    reliability = judged.allSatisfy { $0.confidences != nil } ? Reliability(judged) : nil
  }

  /// What the labels alone give: their mean for all songs, and each song's own mean.
  private static func baselines(of songs: [ScoredSong]) -> [ScoreTable.Row] {
    let mean = Baselines.constantMean(of: songs.flatMap(\.labels), for: songs)
    return [
      ScoreTable.Row(model: "mean of these labels", scores: Scores(mean)),
      ScoreTable.Row(model: "song-mean oracle", scores: Scores(Baselines.songMeanOracle(for: songs))),
    ]
  }

  var lines: [String] {
    var lines: [String] = []
    if let first = rows.first {
      lines.append("\(first.scores.songCount) songs with labels over time, \(first.scores.frameCount) labels:")
      lines.append("")
      lines += ScoreTable(rows).lines
      lines.append("")
      lines += ScoreTable(rows).songLines
    }
    if let staticRow {
      if !lines.isEmpty { lines.append("") }
      lines.append("\(staticRow.scores.songCount) songs with one label each, against the mean of the values:")
      lines.append("")
      lines += ScoreTable([staticRow]).lines
    }
    if let quadrants {
      if !lines.isEmpty { lines.append("") }
      lines.append(
        "\(quadrants.scores.songCount) songs with a quadrant each, against the signs of the mean of the values:")
      lines.append("")
      lines += QuadrantScores.lines([quadrants])
      lines.append("")
      lines += quadrants.scores.confusion.lines
    }
    // Whether a value lies near what listeners would say cannot be known from quadrants.
    guard !rows.isEmpty || staticRow != nil else { return lines }
    lines.append("")
    if let reliability {
      lines += ReliabilityTable(reliability).lines
    } else {
      lines.append(
        tellsQuadrants
          ? "The model's confidence is that the quadrant is right, which these labels do not say."
          : "The model has no confidence.")
    }
    return lines
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      return String(decoding: try encoder.encode(content), as: UTF8.self)
    }
  }

  private var content: Content {
    Content(
      results: (rows + (staticRow.map { [$0] } ?? [])).enumerated().map { index, row in
        ScoresReport(
          model: row.model, scores: row.scores, intervals: row.intervals, reliability: index == 0 ? reliability : nil)
      }, quadrants: quadrants.map { QuadrantScoresReport(model: $0.model, scores: $0.scores) })
  }

  private struct Content: Encodable {
    let results: [ScoresReport]
    /// Left out if there are none.
    let quadrants: QuadrantScoresReport?
  }
}

extension ScoreTable.Row {
  /// The scores of a model on `songs`, with their intervals. The same songs always give the same intervals.
  init(_ model: String, _ songs: [ScoredSong]) {
    var generator = SeededGenerator(seed: 1)
    self.init(model: model, scores: Scores(songs), intervals: ScoreIntervals(songs, using: &generator))
  }
}
