import Training

extension ScoreTable.Row {
  /// The scores of a model on `songs`, with their intervals. The same songs always give the same intervals.
  init(_ model: String, _ songs: [ScoredSong]) {
    var generator = SeededGenerator(seed: 1)
    self.init(model: model, scores: Scores(songs), intervals: ScoreIntervals(songs, using: &generator))
  }
}
