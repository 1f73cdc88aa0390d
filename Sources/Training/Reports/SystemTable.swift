internal import Affect
internal import Platform

/// What systems are worth on the folds of a cross-validation, a line for each, and what was published beside.
public struct SystemTable: Sendable {
  public struct Row: Sendable {
    public let name: String
    /// The system in words.
    public let summary: String
    public let published: String?
    public let folds: [CrossValidation.Fold]

    public init(name: String, summary: String, published: String?, folds: [CrossValidation.Fold]) {
      precondition(!folds.isEmpty)
      self.name = name
      self.summary = summary
      self.published = published
      self.folds = folds
    }

    var tellsQuadrants: Bool { folds.contains { !$0.quadrants.isEmpty } }

    /// The songs of each division, all folds together.
    var songs: [[ScoredSong]] {
      Dictionary(grouping: folds, by: \.division).sorted { $0.key < $1.key }.map { $0.value.flatMap(\.songs) }
    }
  }

  private let rows: [Row]
  private let entropy: Bool

  /// - Parameter entropy: whether there is a column with the scores weighted by ``EntropyWeights``.
  public init(_ rows: [Row], entropy: Bool) {
    self.rows = rows
    self.entropy = entropy
  }

  public var lines: [String] {
    var sections: [[String]] = []
    let affect = rows.filter { !$0.tellsQuadrants }
    let quadrants = rows.filter(\.tellsQuadrants)
    if !affect.isEmpty { sections += [songLines(affect), frameLines(affect)] }
    if !quadrants.isEmpty { sections.append(quadrantLines(quadrants)) }
    let published = rows.filter { $0.published != nil }
    if !published.isEmpty {
      sections.append(["Published beside these:"] + published.map { "  \($0.name): \($0.published ?? "")" })
    }
    return Array(sections.joined(separator: [""]))
  }

  // MARK: - Valence and arousal

  /// By the means of songs.
  private func songLines(_ rows: [Row]) -> [String] {
    let all = rows.map { row in row.songs.map { Scores($0) } }
    var intervals: [ScoreIntervals?] = []
    for row in rows {
      var generator = SeededGenerator(seed: 1)
      intervals.append(ScoreIntervals(row.songs[0], using: &generator))
    }
    let weighted = entropy ? entropyScores(all) : nil
    var lines = [
      "Means of songs, valence (V) and arousal (A); r with the 95 % interval over songs, then mean ± deviation of r over the folds, which are not independent:",
      "",
    ]
    let table = TextTable(
      columns: ["system", "r V", "r A", "R² V", "R² A", "RMSE V", "RMSE A", "folds' r V", "folds' r A"]
        + (weighted == nil ? [] : ["entropy"]),
      rows: rows.indices.map { index in
        let (row, scores) = (rows[index], all[index])
        func mean(_ value: (Scores) -> Double?) -> Double? {
          let values = scores.compactMap(value)
          return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        func spread(_ dimension: Dimension) -> String {
          NumberText.fixed(
            MeanAndDeviation(row.folds.compactMap { Scores($0.songs)[dimension].songMeanCorrelation }), 3)
        }
        var fields = [row.name]
        for dimension in Dimension.allCases {
          fields.append(
            NumberText.fixed(
              mean { $0[dimension].songMeanCorrelation }, intervals[index]?[dimension].songMeanCorrelation, 3))
        }
        for dimension in Dimension.allCases {
          fields.append(NumberText.fixed(mean { $0[dimension].songMeanDetermination }, 3))
        }
        for dimension in Dimension.allCases {
          fields.append(NumberText.fixed(mean { $0[dimension].songMeanRootMeanSquareError }, 3))
        }
        fields += Dimension.allCases.map(spread)
        if let weighted { fields.append(NumberText.fixed(weighted[index], 3)) }
        return fields
      })
    lines += table.lines
    return lines
  }

  private func entropyScores(_ all: [[Scores]]) -> [Double]? {
    let values: [(score: (DimensionScores) -> Double?, isError: Bool)] = [
      ({ $0.songMeanDetermination }, false), ({ $0.songMeanCorrelation }, false),
      ({ $0.songMeanRootMeanSquareError }, true), ({ $0.meanAbsoluteError }, true),
    ]
    let columns = Dimension.allCases.flatMap { dimension in values.map { (dimension, $0) } }
    return EntropyWeights(
      all.map { scores in columns.map { dimension, value in value.score(scores[0][dimension]) } },
      isError: columns.map { $0.1.isError })?.scores
  }

  /// Over time, beside what knows the labels.
  private func frameLines(_ rows: [Row]) -> [String] {
    let songs = rows[0].songs[0]
    let isOverTime = songs.contains { $0.labels.count > 1 }
    guard isOverTime else { return [] }
    func fields(_ name: String, _ scores: Scores) -> [String] {
      [name]
        + Dimension.allCases.map { NumberText.fixed(scores[$0].correlation, 3) }
        + Dimension.allCases.map { NumberText.fixed(scores[$0].determination, 3) }
        + Dimension.allCases.map { NumberText.fixed(scores[$0].rootMeanSquareError, 3) }
        + Dimension.allCases.map {
          NumberText.fixed(
            $0 == .valence ? scores.valence.meanAbsolutePercentageError : scores.arousal.meanAbsolutePercentageError, 1)
        }
    }
    // Of shorter songs it would be the first label alone.
    let lags = [(25, "12.5"), (1, "0.5")].filter { lag, _ in songs.count { $0.labels.count > 2 * lag } * 2 > songs.count
    }
    let persistence = lags.map { lag, seconds in
      ("persistence, \(seconds) s (uses labels, not a model)", Scores(Baselines.persistence(for: songs, lag: lag)))
    }
    let constant = Baselines.constantMean(of: songs.flatMap(\.labels), for: songs)
    return ["Single moments:", ""]
      + TextTable(
        columns: ["system", "r V", "r A", "R² V", "R² A", "RMSE V", "RMSE A", "MAPE V", "MAPE A"],
        rows: rows.map { fields($0.name, Scores($0.songs[0])) }
          + [fields("mean of these labels", Scores(constant))]
          + persistence.map { name, scores in fields(name, scores) }
      ).lines
  }

  // MARK: - Quadrants

  private func quadrantLines(_ rows: [Row]) -> [String] {
    var lines = [
      "Quadrants: mean ± deviation over the folds, which are not independent; all songs together with the 95 % interval:",
      "",
    ]
    lines +=
      TextTable(
        columns: ["system", "macro-F1", "weighted F1", "accuracy", "all songs: macro-F1", "accuracy"],
        rows: rows.map { row in
          func spread(_ score: (QuadrantConfusion) -> Double) -> String {
            NumberText.fixed(MeanAndDeviation(row.folds.map { score(Self.confusion($0)) }), 3)
          }
          var generator = SeededGenerator(seed: 1)
          let all = QuadrantScores(
            row.folds.filter { $0.division == 0 }.flatMap(\.quadrants), using: &generator)
          return [
            row.name, spread(\.macroF1), spread(\.weightedF1), spread(\.accuracy),
            NumberText.fixed(all.confusion.macroF1, all.macroF1Interval, 3),
            NumberText.fixed(all.confusion.accuracy, all.accuracyInterval, 3),
          ]
        }
      ).lines
    for row in rows {
      let songs = row.folds.filter { $0.division == 0 }.flatMap(\.quadrants)
      lines += ["", "\(row.name):"]
      lines += QuadrantConfusion(labels: songs.map(\.label), predictions: songs.map(\.prediction)).lines
    }
    return lines
  }

  private static func confusion(_ fold: CrossValidation.Fold) -> QuadrantConfusion {
    QuadrantConfusion(labels: fold.quadrants.map(\.label), predictions: fold.quadrants.map(\.prediction))
  }
}
