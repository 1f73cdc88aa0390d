import Affect
import FoundationEssentials
import Training

/// The table of `compare`.
struct ComparisonReport {
  private let sections: [Section]

  private struct Section {
    let splitProtocol: SplitProtocol
    let rows: [ScoreTable.Row]
  }

  init(_ results: [Comparison.Result], material: TrainingMaterial) {
    sections = [SplitProtocol.artist, .frame].compactMap { splitProtocol in
      let own = results.filter { $0.splitProtocol == splitProtocol }
      guard let songs = (own.first { $0.model == "ridge" } ?? own.first)?.outcome else { return nil }
      // The floor first, the rest in the order in which they were trained.
      let models = own.filter { $0.model == "ridge" } + own.filter { $0.model != "ridge" }
      let rows =
        [
          ScoreTable.Row(
            model: "constant mean",
            scores: Scores(Baselines.constantMean(of: [songs.meanLabel], for: songs.heldOut)))
        ] + models.map { ScoreTable.Row($0.model, $0.outcome.heldOut) } + [
          ScoreTable.Row(
            model: "song-mean oracle", scores: Scores(Baselines.songMeanOracle(for: songs.heldOut)))
        ]
      return Section(splitProtocol: splitProtocol, rows: rows)
    }
  }

  /// What others published, valence / arousal, and in which protocol.
  private static let published = [
    "Published beside these (valence / arousal):",
    "  by frame, OpenL3: the paper that this project follows, best model: r 0.878 / 0.909, RMSE 0.120",
    "  by song, DEAM's 2015 test songs: MediaEval 2015, best r within a song: 0.03 / 0.61",
    "  by song, static labels of DEAM: Music2Emo (MERT, 95 M parameters): R² 0.52 / 0.62",
  ]

  var lines: [String] {
    var lines: [String] = []
    for section in sections {
      let scores = section.rows[0].scores
      switch section.splitProtocol {
      case .frame: lines.append("By frame, \(scores.frameCount) test frames of \(scores.songCount) songs.")
      case .artist, .song:
        lines.append(
          "By \(section.splitProtocol.rawValue), \(scores.frameCount) frames of \(scores.songCount) test songs.")
      }
      if let warning = section.splitProtocol.warning { lines.append("Warning: \(warning)") }
      lines.append("")
      lines += ScoreTable(section.rows).lines
      lines.append("")
      if section.splitProtocol != .frame {
        lines += ScoreTable(section.rows).songLines
        lines.append("")
      }
    }
    return lines + Self.published
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      let content = Dictionary(
        uniqueKeysWithValues: sections.map { section in
          (
            "by_\(section.splitProtocol.rawValue)",
            section.rows.map { ScoresReport(model: $0.model, scores: $0.scores, intervals: $0.intervals) }
          )
        })
      return String(decoding: try encoder.encode(content), as: UTF8.self)
    }
  }
}
