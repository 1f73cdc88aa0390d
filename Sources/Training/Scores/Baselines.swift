public import Affect

/// Predictions without a model, to hold a model's scores against.
public enum Baselines {
  /// The same point for every frame: the mean of the training labels. Whoever is no better has learned nothing.
  ///
  /// - Parameter trainingLabels: of all frames of the songs that models were trained on, at least one.
  public static func constantMean(of trainingLabels: [Affect], for songs: [ScoredSong]) -> [ScoredSong] {
    let mean = mean(of: trainingLabels)
    return songs.map { predicting(mean, for: $0) }
  }

  /// Each song's own mean label for all its frames, which no model can know: what a perfect model would reach that says
  /// nothing about the course of a song.
  public static func songMeanOracle(for songs: [ScoredSong]) -> [ScoredSong] {
    songs.map { predicting(mean(of: $0.labels), for: $0) }
  }

  /// Each song's own label so many moments before, which no model that listens can know: what past labels are worth that
  /// some papers take as an input. The first moments have the song's first label.
  ///
  /// - Parameter lag: moments, at least 1.
  public static func persistence(for songs: [ScoredSong], lag: Int) -> [ScoredSong] {
    songs.map { song in
      ScoredSong(
        identifier: song.identifier, labels: song.labels,
        predictions: song.labels.indices.map { song.labels[max(0, $0 - lag)] })
    }
  }

  private static func predicting(_ point: Affect, for song: ScoredSong) -> ScoredSong {
    ScoredSong(
      identifier: song.identifier, labels: song.labels,
      predictions: Array(repeating: point, count: song.labels.count))
  }

  private static func mean(of labels: [Affect]) -> Affect {
    precondition(!labels.isEmpty)
    func mean(_ dimension: Dimension) -> Float {
      Float(labels.reduce(0.0) { $0 + Double(dimension.value(of: $1)) } / Double(labels.count))
    }
    return Affect(valence: mean(.valence), arousal: mean(.arousal))
  }
}
