import Affect
import EmotionModel
import Platform
import Training

/// What a training came to: for the person, and for the model's card.
struct TrainingReport {
  private let job: ModelTraining
  private let outcome: ModelTraining.Outcome
  private let rows: [ScoreTable.Row]
  /// Of a model that tells quadrants apart, which has no rows.
  private let quadrants: QuadrantScores?
  private let material: TrainingMaterial
  private let isFineTuned: Bool
  private let data: DataSet
  private let also: DataSet?
  /// What the model hears, and what of it is read.
  private let input: String

  init(
    _ job: ModelTraining, _ outcome: ModelTraining.Outcome, withoutUnknownArtists: [ScoredSong]?,
    floor: [ScoredSong]?, material: TrainingMaterial, isFineTuned: Bool, data: DataSet, also: DataSet?,
    input: String
  ) {
    self.input = input
    self.job = job
    self.outcome = outcome
    self.material = material
    self.isFineTuned = isFineTuned
    self.data = data
    self.also = also
    let songs = outcome.heldOut
    if job.target == .quadrant {
      var generator = SeededGenerator(seed: 1)
      rows = []
      quadrants = QuadrantScores(outcome.heldOutQuadrants, using: &generator)
      return
    }
    quadrants = nil
    rows =
      [ScoreTable.Row(job.kind.name(isFineTuned: isFineTuned), songs)]
      + (withoutUnknownArtists.map { [ScoreTable.Row("the same, known artists", $0)] } ?? [])
      + (floor.map { [ScoreTable.Row(EmotionModelKind.ridge.rawValue, $0)] } ?? []) + [
        ScoreTable.Row(
          model: "constant mean", scores: Scores(Baselines.constantMean(of: [outcome.meanLabel], for: songs))),
        ScoreTable.Row(model: "song-mean oracle", scores: Scores(Baselines.songMeanOracle(for: songs))),
      ]
  }

  var lines: [String] {
    var lines = [heading, ""]
    if let quadrants { return lines + quadrantLines(quadrants) }
    lines += ScoreTable(rows).lines
    lines.append("")
    lines += ScoreTable(rows).songLines
    if let reliability = Reliability(outcome.heldOut) {
      lines.append("")
      lines += ReliabilityTable(reliability).lines
    }
    return lines
  }

  private func quadrantLines(_ scores: QuadrantScores) -> [String] {
    QuadrantScores.lines([(job.kind.name(isFineTuned: false), scores)]) + [""] + scores.confusion.lines
  }

  private var heading: String {
    if let quadrants { return "\(quadrants.songCount) songs, \(how), each by the mean of its moments:" }
    let scores = rows[0].scores
    let what =
      job.splitProtocol == .frame ? "held-out frames of \(scores.songCount) songs" : "\(scores.songCount) songs"
    return "\(what), \(how), before smoothing:"
  }

  private var how: String {
    job.memberCount > 1
      ? "each scored by the one network of \(job.memberCount) that was not trained on it"
      : "which the model was not trained on"
  }

  /// What goes into the model file.
  func card(
    name: String, embedding: String, staticWeight: Float, added: AddedSongsOptions
  ) -> TrainedModelFile.Card {
    let unscored = material.set.songs.dropFirst(material.splitCount).filter { $0.original == nil }
    var trainedOn = "\(data.name): \(material.splitCount) songs"
    for (count, what) in [
      (unscored.count { $0.isStatic && !$0.isQuadrant }, "one label each at weight \(staticWeight)"),
      (
        unscored.count(where: \.isQuadrant),
        "a quadrant each at weight \(job.target == .quadrant ? 1 : added.quadrantWeight)"
      ),
      (unscored.count { !$0.isStatic }, "labels over time, not scored"),
    ] where count > 0 { trainedOn += ", \(count) more with \(what)" }
    if let also { trainedOn += " (some of \(also.name))" }
    return TrainedModelFile.Card(
      name: name, embedding: embedding, trainedOn: trainedOn, scores: summary,
      text: text(trainedOn: trainedOn, added: added), madeWith: Version.server)
  }

  /// The scores in a line.
  private var summary: String {
    if let quadrants {
      return "\(quadrants.songCount) songs, split by \(job.splitProtocol.rawValue), quadrants: macro-F1 "
        + "\(NumberText.fixed(quadrants.confusion.macroF1, 3)), accuracy \(NumberText.fixed(quadrants.confusion.accuracy, 3))"
    }
    let scores = rows[0].scores
    func pair(_ value: (DimensionScores) -> Double?) -> String {
      "\(NumberText.fixed(value(scores.valence), 3)) / \(NumberText.fixed(value(scores.arousal), 3))"
    }
    return "\(scores.songCount) songs, split by \(job.splitProtocol.rawValue), valence / arousal: "
      + "r \(pair(\.correlation)), RMSE \(pair(\.rootMeanSquareError)), CCC \(pair(\.concordance))"
  }

  private func text(trainedOn: String, added: AddedSongsOptions) -> String {
    let isEnsemble = job.memberCount > 1
    var lines = [
      "Model: \(job.kind.name(isFineTuned: isFineTuned))"
        + (isEnsemble ? ", \(outcome.networks.count) networks averaged" : ""),
      "Input: \(input)",
      job.target == .affect
        ? "Output: valence and arousal, -1 to 1; the standard deviation it expects of each; their confidence"
        : "Output: the four quadrants; valence and arousal are the mean of their centres, ±0.5",
      "Trained on: \(trainedOn)",
      "Split: by \(job.splitProtocol.rawValue), "
        + (isEnsemble ? "\(job.memberCount) folds, each left out by one network" : "8 : 1 : 1"),
    ]
    if let warning = job.splitProtocol.warning { lines.append("Warning: \(warning)") }
    if material.unknownArtistCount > 0 {
      lines.append(
        "Artists: those of \(material.unknownArtistCount) songs that have one label each are not known, so that an artist "
          + "may be on both sides; 'known artists' is the same training without these songs")
    }
    lines.append("Settings: \(job.settings.summary(of: job.kind)); seed \(job.seed)")
    if let companion = job.companion {
      let what = isFineTuned ? "a network on MusiCNN's own embedding" : "a network that hears copies in venues, too"
      lines.append("Beside each, \(what): \(companion.summary(of: .mlp))")
      if !isFineTuned {
        lines.append(
          "The further the two kinds are apart, over minutes, the more the second counts, which has heard venues")
      }
    }
    if let augment = added.augment {
      lines.append("Copies: \(added.copies) of each song in random venues (\(augment.rawValue)), all simulated")
    }
    if material.set.tonalityCount > 0 && !job.kind.isSequential {
      lines.append("Hears a change sooner by its newest second; the scores are those of the whole window")
    }
    lines += [
      "Confidence: calibrated on \(isEnsemble ? "the songs left out" : "the validation songs")", "", heading, "",
    ]
    if let quadrants { return (lines + quadrantLines(quadrants)).joined(separator: "\n") }
    lines += ScoreTable(rows).lines
    if let reliability = Reliability(outcome.heldOut) { lines += [""] + ReliabilityTable(reliability).lines }
    return lines.joined(separator: "\n")
  }
}
